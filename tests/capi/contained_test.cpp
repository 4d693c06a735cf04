// Promise 5 on the real engine: trouble stays with whoever has it. An origin with every fault does not slow another
// client, a huge batch does not starve small ones, and late requests cost only their own connections.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "capi/load.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr char kHealthyScript[] = R"({
  "default": {"size": 2000, "latency": {"type": "lognormal", "median_ms": 27, "p95_ms": 75}}
})";

// Faults below TLS strike new connections, the others the replies of a path.
constexpr char kFaultyScript[] = R"({
  "accept": {"https": [{"type": "stall", "share": 0.1}, {"type": "reset", "share": 0.1},
                       {"type": "banner", "share": 0.1}]},
  "paths": {
    "/silent*": {"fault": {"type": "stall_before_headers"}},
    "/stuck*": {"size": 50000, "fault": {"type": "stall_in_body", "after_bytes": 100}},
    "/reset*": {"size": 50000, "fault": {"type": "reset", "after_bytes": 100}},
    "/drip*": {"size": 2000, "fault": {"type": "drip"}},
    "/line*": {"fault": {"type": "header_line_huge"}},
    "/lines*": {"fault": {"type": "header_count_huge", "count": 5000}},
    "/endless*": {"fault": {"type": "body_endless", "bytes": 4000}},
    "/chunks*": {"fault": {"type": "chunk_endless", "bytes": 4000}},
    "/garbage*": {"fault": {"type": "garbage"}},
    "/cut*": {"fault": {"type": "length_long"}},
    "/flood*": {"fault": {"type": "informational_flood"}}
  },
  "default": {"size": 2000}
})";
const char *const kFaultPaths[] = {"silent",  "stuck",  "reset",   "drip", "line",  "lines",
                                   "endless", "chunks", "garbage", "cut",  "flood", "fine"};
const char *const kInjected[] = {
    "stall_before_headers", "stall_in_body", "reset.body",    "drip.body",    "header_line_huge",
    "header_count_huge",    "body_endless",  "chunk_endless", "garbage",      "length_long",
    "informational_flood",  "stall.accept",  "reset.accept",  "banner.accept"};

std::vector<std::string> faulty_keys() {
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) {
    for (const char *path : kFaultPaths) keys.push_back(path + std::to_string(i));
  }
  return keys;
}

// A client in trouble: batches of all faults, four at any time, until it ends.
class Trouble {
 public:
  Trouble()
      : origin_(kFaultyScript),
        client_(open_client(
            origin_.url("https"),
            {{"tls.ca_file", origin_.ca_file()}, {"dns.addresses", "127.0.0.1"}, {"object.size_max", "200KiB"}})),
        thread_([this] { run(); }) {}
  ~Trouble() { stop(); }
  Trouble(const Trouble &) = delete;
  Trouble &operator=(const Trouble &) = delete;

  Tally stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
    return tally_;
  }
  const OriginProcess &origin() const { return origin_; }
  const Client &client() const { return client_; }

 private:
  void run() {
    Load load(client_, {faulty_keys(), 24, 300'000});
    while (!is_over_) load.keep_in_flight(4, 100ms);
    load.finish();
    tally_ = load.take_tally();
  }

  const OriginProcess origin_;
  const Client client_;
  std::atomic<bool> is_over_{false};
  Tally tally_;
  std::thread thread_;
};

// The same instants and, since the origin draws by path and turn, the same latencies each time.
Tally serve(const OriginProcess &origin, const Client &client, milliseconds span) {
  origin.control("POST", "/reset");
  Load load(client, {numbered_keys("key", 1000), 20, 300'000});
  load.arrive_at_random(20, 500ms);
  load.take_tally();
  load.arrive_at_random(20, span);
  load.finish();
  return load.take_tally();
}

void print(const char *when, const Tally &tally) {
  std::printf("%s: %llu keys, delivered %.4f, p50 %.1f ms, p99 %.1f ms\n", when,
              static_cast<unsigned long long>(tally.requests), tally.ok_share(), tally.settled_ms(0.5),
              tally.settled_ms(0.99));
}

void contain(milliseconds span, double p99_factor, double p99_slack_ms) {
  const OriginProcess origin(kHealthyScript);
  const Client client = open_client(origin.url());
  const Tally before = serve(origin, client, span);
  Tally beside;
  {
    Trouble trouble;
    beside = serve(origin, client, span);
    const Tally troubled = trouble.stop();
    print("the client in trouble", troubled);
    for (const char *fault : kInjected) {
      EXPECT_GT(trouble.origin().counter(std::string("injected.") + fault), 0U) << fault << " was not injected";
    }
    EXPECT_LT(troubled.ok_share(), 0.3);
  }
  const Tally after = serve(origin, client, span);
  print("alone before", before);
  print("beside the client in trouble", beside);
  print("alone after", after);
  EXPECT_GE(beside.ok_share(), 0.9 * std::max(before.ok_share(), after.ok_share()));
  const double alone_p99 = std::max(before.settled_ms(0.99), after.settled_ms(0.99));
  EXPECT_LE(beside.settled_ms(0.99), p99_factor * alone_p99 + p99_slack_ms);
}

// A wide bound: other tests may run on the same cores.
TEST(contained_test, a_client_in_trouble_does_not_slow_another) { contain(4s, 1.5, 50); }

TEST(contained_long_test, a_client_in_trouble_changes_the_p99_of_another_by_less_than_a_tenth) { contain(30s, 1.1, 0); }

void small_batches_beside_a_huge_one(milliseconds huge_budget) {
  const OriginProcess origin(R"({"default": {"size": 500, "latency": {"type": "fixed", "ms": 20}}})");
  const Client client = open_client(origin.url(), {{"queue.max", "20000"}});
  const auto us = [](milliseconds span) { return static_cast<std::uint64_t>(span.count()) * 1000; };
  const Batch huge = submit(client, numbered_keys("huge", 16'384), {us(huge_budget)});
  std::size_t beside = 0;
  std::uint64_t slowest_us = 0;
  while (describe(huge).state == OCTO_AGAIN) {
    const Batch small = submit(client, numbered_keys("small", 10), {us(1200ms)});
    octo_batch_wait(small.get(), OCTO_WAIT_FOREVER);
    const octo_batch_info info = describe(small);
    EXPECT_EQ(info.ok_count, 10U);
    slowest_us = std::max(slowest_us, info.frozen_us);
    ++beside;
  }
  const octo_batch_info info = describe(huge);
  std::printf(
      "16,384 keys in %lld ms: %llu arrived in %llu ms; %zu batches of 10 beside it, the slowest took %llu ms\n",
      static_cast<long long>(huge_budget.count()), static_cast<unsigned long long>(info.ok_count),
      static_cast<unsigned long long>(info.frozen_us / 1000), beside,
      static_cast<unsigned long long>(slowest_us / 1000));
  EXPECT_GE(beside, 3U);
  EXPECT_GT(info.ok_count, 500U);
}

TEST(contained_test, a_batch_of_16384_keys_does_not_starve_batches_of_10) { small_batches_beside_a_huge_one(10s); }

// With the same budget its deadline is earlier than theirs, so order by deadline alone would starve them.
TEST(contained_test, a_batch_of_16384_keys_with_an_equal_budget_does_not_starve_batches_of_10) {
  small_batches_beside_a_huge_one(1200ms);
}

// Replies of 100 ms, so that all 100 requests are on the wire at once and each needs a connection of its own.
std::uint64_t connections_opened_after_late_requests(milliseconds pause) {
  const OriginProcess origin(R"({"default": {"size": 2000, "latency": {"type": "fixed", "ms": 100}},
                                 "paths": {"/late*": {"delay_ms": 30000}}})");
  const Client client = open_client(origin.url(), {{"connections.max", "100"}});
  auto keys = numbered_keys("key", 70);
  const auto late = numbered_keys("late", 30);
  keys.insert(keys.end(), late.begin(), late.end());
  const auto first = fetch(client, keys, {1'000'000});
  EXPECT_EQ(count_status(first, OCTO_OK), 70U);
  EXPECT_EQ(count_status(first, OCTO_DEADLINE), 30U);
  std::this_thread::sleep_for(pause);
  const std::uint64_t before = origin.counter("connections.accepted.http");
  EXPECT_GE(before, 90U);
  const auto next_keys = numbered_keys("key", 100);
  std::string why;
  EXPECT_TRUE(all_right(next_keys, fetch(client, next_keys), 2000, why)) << why;
  const std::uint64_t opened = origin.counter("connections.accepted.http") - before;
  std::printf("the next batch of 100 opened %llu connections\n", static_cast<unsigned long long>(opened));
  return opened;
}

TEST(contained_test, after_30_late_requests_of_100_the_next_batch_opens_at_most_35_connections) {
  EXPECT_LE(connections_opened_after_late_requests(500ms), 35U);
}

// While the late ones are still orphans, which give way.
TEST(contained_test, so_does_a_batch_right_at_the_deadline_of_the_one_before) {
  EXPECT_LE(connections_opened_after_late_requests(0ms), 35U);
}

}  // namespace
}  // namespace octo_test
