// What the Python contenders are measured against: the same pages, one after the other, through octofetch.h alone.
#include <fmt/format.h>
#include <octofetch.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "python/contenders/page_meter.hpp"
#include "support/fetching.hpp"

namespace octo_bench {
namespace {

constexpr std::uint64_t kBudgetUs = 60'000'000;

struct PageTask {
  std::string url;
  std::string ca_file;
  std::string connections;
  std::size_t objects = 0;
  std::size_t object_bytes = 0;
  std::size_t keys = 0;
  std::size_t warm_pages = 0;
  double span_s = 0;  // seconds of processor time that count
};

void require(octo_status status, const char *what) {
  if (status != OCTO_OK) throw std::runtime_error(fmt::format("{}: {}", what, octo_status_name(status)));
}

// As task.py does; the bytes are used where they are.
void read_body(const octo_result &result, std::size_t object_bytes) {
  if (result.status != OCTO_OK) throw std::runtime_error(fmt::format("a GET failed: {}", result.message));
  const auto *bytes = static_cast<const char *>(result.body);
  if (result.body_size != object_bytes || bytes[object_bytes - 1] != 0) {
    throw std::runtime_error("a body is not the one that is served");
  }
}

class Pages {
 public:
  explicit Pages(const PageTask &task) : task_(task), results_(task.keys) {
    octo_test::OptionList options = {{"connections.max", task.connections}, {"connect.timeout", "60s"}};
    if (!task.ca_file.empty()) options["tls.ca_file"] = task.ca_file;
    client_ = octo_test::open_client(task.url, options);
    for (std::size_t i = 0; i < task.objects; ++i) names_.push_back("o" + std::to_string(i));
  }

  void run() {
    for (std::size_t i = 0; i < task_.warm_pages; ++i) fetch_page(i);
    const PageMeter meter;
    std::size_t pages = 0;
    for (; meter.process_s() < task_.span_s; ++pages) fetch_page(pages);
    meter.print(pages * task_.keys);
  }

 private:
  void fetch_page(std::size_t page) {
    std::vector<octo_request> requests(task_.keys);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::string &name = names_[(page * task_.keys + i) % names_.size()];
      requests[i].key = name.data();
      requests[i].key_size = name.size();
    }
    octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
    options.flags = OCTO_BATCH_BUDGET;
    options.budget_us = kBudgetUs;
    octo_batch *batch = nullptr;
    require(
        ::octo_submit(client_.get(), requests.data(), sizeof(octo_request), requests.size(), &options, &batch, nullptr),
        "octo_submit");
    require(::octo_batch_wait(batch, OCTO_WAIT_FOREVER), "octo_batch_wait");
    require(::octo_batch_results(batch, 0, results_.data(), sizeof(octo_result), results_.size()),
            "octo_batch_results");
    for (const octo_result &result : results_) read_body(result, task_.object_bytes);
    ::octo_batch_free(batch);
  }

  const PageTask &task_;
  octo_test::Client client_;
  std::vector<std::string> names_;
  std::vector<octo_result> results_;
};

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  octo_bench::PageTask task;
  CLI::App app("The C contender of the Python benchmark: fetches pages and prints what that took, as JSON.");
  app.add_option("--url", task.url)->required();
  app.add_option("--ca-file", task.ca_file);
  app.add_option("--connections", task.connections)->required();
  app.add_option("--objects", task.objects)->required();
  app.add_option("--object-bytes", task.object_bytes)->required();
  app.add_option("--keys", task.keys)->required();
  app.add_option("--warm-pages", task.warm_pages)->required();
  app.add_option("--span", task.span_s)->required();
  CLI11_PARSE(app, count, words);
  try {
    octo_bench::Pages(task).run();
    return ::octo_shutdown(5'000'000) == OCTO_OK ? 0 : 1;
  } catch (const std::exception &error) {
    fmt::print(stderr, "c_abi: {}\n", error.what());
    return 1;
  }
}
