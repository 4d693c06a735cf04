// How much heap the library holds for each request in flight: its requests stand still at an origin that takes them and
// does not answer, first some, then more. The difference between the two is what a request costs; what client, thread
// and libraries hold anyway falls out of it. Prints one line of JSON.
//
// The origin is a process of its own, so that its memory is not counted.
#include <fmt/format.h>
#include <malloc.h>
#include <octofetch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_bench {
namespace {

constexpr std::uint64_t kBudgetUs = 600'000'000;
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::seconds kPatience{120};
constexpr const char *kScript = R"({"default": {"fault": {"type": "stall_before_headers"}}})";

// What the allocator has handed out and not got back, in every arena and in mappings of its own.
std::uint64_t heap_bytes() {
  const auto state = ::mallinfo2();
  return state.uordblks + state.hblkhd;
}

// Until the origin has read so many requests, so that every one of them waits for its headers.
void await_requests(const octo_test::OriginProcess &origin, std::size_t count) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (origin.counter("requests.total") < count) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the requests did not reach the origin");
    std::this_thread::sleep_for(kPoll);
  }
  // The client's thread comes to rest.
  std::this_thread::sleep_for(kPoll);
}

// Two clients, as one has at most 4096 connections. Both are there from the first reading on.
class Pair {
 public:
  Pair(const octo_test::OriginProcess &origin, const std::string &scheme, std::size_t many)
      : keys_(octo_test::numbered_keys("o", many / 2)) {
    const octo_test::OptionList options = {{"connections.max", std::to_string(keys_.size())},
                                           {"connect.timeout", "60s"},
                                           {"dns.addresses", "127.0.0.1"},
                                           {"tls.ca_file", origin.ca_file()}};
    for (octo_test::Client &client : clients_) client = octo_test::open_client(origin.url(scheme), options);
    how_.budget_us = kBudgetUs;
  }

  // Submits to either the keys from where the last call ended, up to `end` over both.
  void submit_up_to(std::size_t end) {
    const std::vector<std::string> keys(keys_.begin() + submitted_, keys_.begin() + static_cast<long>(end / 2));
    for (const octo_test::Client &client : clients_) batches_.push_back(octo_test::submit(client, keys, how_));
    submitted_ = static_cast<long>(end / 2);
  }

  bool has_settled() const {
    return std::any_of(batches_.begin(), batches_.end(),
                       [](const octo_test::Batch &batch) { return octo_test::describe(batch).settled_count > 0; });
  }

 private:
  const std::vector<std::string> keys_;
  octo_test::Submit how_;
  std::array<octo_test::Client, 2> clients_;
  std::vector<octo_test::Batch> batches_;
  long submitted_ = 0;
};

void measure(const std::string &scheme, std::size_t few, std::size_t many) {
  const octo_test::OriginProcess origin(kScript);
  Pair pair(origin, scheme, many);
  pair.submit_up_to(few);
  await_requests(origin, few);
  const std::uint64_t bytes_few = heap_bytes();
  pair.submit_up_to(many);
  await_requests(origin, many);
  const std::uint64_t bytes_many = heap_bytes();
  if (pair.has_settled()) throw std::runtime_error("requests ended that should have stood still");
  fmt::print(R"({{"few": {}, "many": {}, "bytes_few": {}, "bytes_many": {}}})"
             "\n",
             few, many, bytes_few, bytes_many);
}

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  std::string scheme;
  std::size_t few = 0;
  std::size_t many = 0;
  CLI::App app("The heap that octofetch holds for each request in flight.");
  app.add_option("--scheme", scheme, "http or https")->required();
  app.add_option("--few", few, "Requests in flight at first, an even number")->required();
  app.add_option("--many", many, "And then")->required();
  CLI11_PARSE(app, count, words);
  try {
    octo_bench::measure(scheme, few, many);
    return ::octo_shutdown(30'000'000) == OCTO_OK ? 0 : 1;
  } catch (const std::exception &error) {
    fmt::print(stderr, "heap_client: {}\n", error.what());
    return 1;
  }
}
