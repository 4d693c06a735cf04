// The contender of the library, written as its user would: one thread that keeps batches in flight and is woken by a
// queue when one of them is complete. Uses octofetch.h alone.
//
// A batch is a page of 50 objects, the middle of what the library is for. connections.max is the number of requests
// that shall be on the wire. Several batches are open at once: a batch alone would leave connections unused while its
// last requests come in, so that there are always batches enough to fill every connection, and as many again that wait
// for one. `in_flight` in the report is what that led to: while the I/O thread is what there is too little of, the engine
// starts less at once than it may, and the rest stays queued.
#include <fmt/format.h>
#include <octofetch.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/contenders/meter.hpp"
#include "core/contenders/task.hpp"
#include "support/fetching.hpp"

namespace octo_bench {
namespace {

constexpr std::size_t kBatchKeys = 50;
constexpr std::size_t kBatchesMin = 3;
constexpr std::uint64_t kBudgetUs = 60'000'000;
constexpr std::uint64_t kWarmUs = 60'000'000;
constexpr std::size_t kEventsPerTurn = 16;

void require(octo_status status, const char *what) {
  if (status != OCTO_OK) throw std::runtime_error(fmt::format("{}: {}", what, octo_status_name(status)));
}

class ClosedLoop {
 public:
  explicit ClosedLoop(const Task &task);
  void run();

 private:
  void submit_next();
  void collect(octo_batch *batch);
  void note_connections();

  Meter meter_;
  octo_test::Client client_;
  octo_test::Queue queue_;
  std::vector<std::string> names_;
  // All objects, and the first ones again, so that a batch is a slice wherever it begins.
  std::vector<octo_request> requests_;
  std::vector<octo_result> results_;
  std::uint32_t connections_;
  std::size_t objects_;
  std::size_t batches_;
  std::size_t turn_ = 0;
};

// The first connections are opened all at once, and a thousand handshakes keep both ends busy for longer than the second
// that one may take by default. None is opened while it counts.
constexpr const char *kConnectTimeout = "60s";

octo_test::OptionList options_of(const Task &task) {
  octo_test::OptionList options = {{"connections.max", std::to_string(task.connections)},
                                   {"connect.timeout", kConnectTimeout}};
  if (!task.ca_file.empty()) options["tls.ca_file"] = task.ca_file;
  return options;
}

ClosedLoop::ClosedLoop(const Task &task)
    : meter_(task),
      client_(octo_test::open_client(task.url, options_of(task))),
      results_(kBatchKeys),
      connections_(static_cast<std::uint32_t>(task.connections)),
      objects_(task.objects),
      batches_(std::max(kBatchesMin, 2 * ((task.connections + kBatchKeys - 1) / kBatchKeys))) {
  octo_queue *queue = nullptr;
  require(::octo_queue_create(nullptr, nullptr, &queue), "octo_queue_create");
  queue_.reset(queue);
  for (std::size_t i = 0; i < objects_; ++i) names_.push_back(object_name(i));
  for (std::size_t i = 0; i < objects_ + kBatchKeys; ++i) {
    octo_request request{};
    request.key = names_[i % objects_].data();
    request.key_size = names_[i % objects_].size();
    requests_.push_back(request);
  }
}

void ClosedLoop::run() {
  // The engine opens no more connections than it comes to need, and would open the last ones while it counts.
  require(::octo_client_warm(client_.get(), connections_, kWarmUs, nullptr), "octo_client_warm");
  for (std::size_t i = 0; i < batches_; ++i) submit_next();
  pollfd watched{::octo_queue_fd(queue_.get()), POLLIN, 0};
  std::array<octo_event, kEventsPerTurn> events{};
  while (!meter_.is_over()) {
    ::poll(&watched, 1, -1);
    std::size_t count = 0;
    require(::octo_queue_take(queue_.get(), events.data(), sizeof(octo_event), events.size(), &count),
            "octo_queue_take");
    for (std::size_t i = 0; i < count; ++i) {
      collect(events[i].batch);
      submit_next();
    }
    if (count > 0) note_connections();
  }
  meter_.print();
}

void ClosedLoop::submit_next() {
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_QUEUE;
  options.budget_us = kBudgetUs;
  options.queue = queue_.get();
  octo_batch *batch = nullptr;
  require(::octo_submit(client_.get(), &requests_[turn_], sizeof(octo_request), kBatchKeys, &options, &batch, nullptr),
          "octo_submit");
  turn_ = (turn_ + kBatchKeys) % objects_;
}

void ClosedLoop::collect(octo_batch *batch) {
  require(::octo_batch_results(batch, 0, results_.data(), sizeof(octo_result), results_.size()), "octo_batch_results");
  for (const octo_result &result : results_) {
    if (result.status != OCTO_OK) throw std::runtime_error(fmt::format("a GET failed: {}", result.message));
    meter_.note_wire_time(result.settled_us - result.queued_us);
    meter_.add(result.body, result.body_size);
  }
  ::octo_batch_free(batch);
}

void ClosedLoop::note_connections() {
  octo_stats stats{};
  require(::octo_client_stats(client_.get(), &stats, sizeof stats), "octo_client_stats");
  meter_.note_connections(stats.connections_opened);
}

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  try {
    int exit_code = 0;
    const auto task = octo_bench::read_task(count, words, exit_code);
    if (!task) return exit_code;
    octo_bench::ClosedLoop(*task).run();
    return ::octo_shutdown(5'000'000) == OCTO_OK ? 0 : 1;
  } catch (const std::exception &error) {
    fmt::print(stderr, "octofetch_client: {}\n", error.what());
    return 1;
  }
}
