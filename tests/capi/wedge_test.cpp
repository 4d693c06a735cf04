// Promise 1 with a blocked library: while the I/O thread sits for seconds in a transport callback, in a lookup or in an
// allocation, every C call returns: waits and queues by their deadline, all others at once.
#include "capi/wedge.hpp"

#include <gtest/gtest.h>
#include <octofetch.h>
#include <poll.h>

#include <chrono>
#include <thread>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kAtOnce = 100ms;
constexpr auto kBudget = 300ms;
constexpr char kScript[] = R"({"default": {"size": 20000, "latency": {"type": "fixed", "ms": 50}}})";

std::uint64_t microseconds(std::chrono::milliseconds span) { return static_cast<std::uint64_t>(span.count()) * 1000; }

class WedgeTest : public testing::TestWithParam<WedgePoint> {
 protected:
  WedgeTest() : origin_(kScript) {
    // A name that getaddrinfo is asked for; an address is never looked up.
    url_ = "http://localhost:" + std::to_string(origin_.port("http"));
  }
  ~WedgeTest() override { unwedge(); }

  OriginProcess origin_;
  std::string url_;
};

TEST_P(WedgeTest, every_call_returns_in_time_while_the_library_is_blocked) {
  const Client client = open_client(url_);
  const auto keys = numbered_keys("key", 20);
  octo_queue *raw_queue = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw_queue), OCTO_OK);
  const Queue queue(raw_queue);

  wedge(GetParam());
  const auto start = std::chrono::steady_clock::now();
  Batch waited = submit(client, keys, {microseconds(kBudget)});
  ASSERT_TRUE(is_wedged());

  // More of everything, while the thread sits there.
  Batch announced;
  EXPECT_LT(elapsed([&] { announced = submit(client, keys, {microseconds(kBudget), raw_queue, 7}); }), kAtOnce);
  const auto announced_at = std::chrono::steady_clock::now();
  const Batch forgotten = submit(client, numbered_keys("forgotten", 19), {microseconds(kBudget)});
  Batch cancelled;
  EXPECT_LT(elapsed([&] { cancelled = submit(client, keys, {microseconds(5000ms)}); }), kAtOnce);
  EXPECT_LT(elapsed([&] { octo_batch_cancel(cancelled.get()); }), kAtOnce);
  std::size_t index = 0;
  EXPECT_LT(elapsed([&] { EXPECT_EQ(octo_batch_next(cancelled.get(), 0, &index), OCTO_OK); }), kAtOnce);
  EXPECT_LT(elapsed([&] { EXPECT_EQ(results(cancelled).size(), keys.size()); }), kAtOnce);
  EXPECT_LT(elapsed([&] { cancelled.reset(); }), kAtOnce);
  octo_event event{};
  std::size_t count = 1;
  EXPECT_LT(elapsed([&] { EXPECT_EQ(octo_queue_take(raw_queue, &event, sizeof event, 1, &count), OCTO_OK); }), kAtOnce);
  EXPECT_EQ(count, 0U);

  // The queue wakes by its deadline.
  pollfd watched{octo_queue_fd(raw_queue), POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 5000), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - announced_at, kBudget + 100ms);
  EXPECT_EQ(octo_queue_take(raw_queue, &event, sizeof event, 1, &count), OCTO_OK);
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(event.tag, 7U);
  EXPECT_EQ(event.type, OCTO_EVENT_FROZEN);

  // So does the wait.
  EXPECT_EQ(octo_batch_wait(waited.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kBudget + 200ms);
  EXPECT_EQ(describe(waited).state, OCTO_DEADLINE);
  EXPECT_EQ(describe(waited).late_count, keys.size());
  EXPECT_LT(elapsed([&] { EXPECT_EQ(results(waited).size(), keys.size()); }), kAtOnce);
  EXPECT_LT(elapsed([&] { waited.reset(); }), kAtOnce);

  // What is inside can be seen, with the batches that came to nothing, also one that nobody has looked at.
  std::string inside(std::size_t{64} * 1024, '\0');
  EXPECT_LT(elapsed([&] {
              EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_JSON, inside.data(), inside.size(), nullptr),
                        OCTO_OK);
            }),
            kAtOnce);
  EXPECT_NE(inside.find("0 of 20 in 300 ms; late 20: "), std::string::npos) << inside.c_str();
  EXPECT_NE(inside.find("0 of 19 in 300 ms; late 19: "), std::string::npos) << inside.c_str();

  // And the end of a client that is stuck.
  Client other = open_client(url_);
  EXPECT_LT(elapsed([&] { other.reset(); }), kAtOnce);

  unwedge();
  // Recovery: the very next batch is complete.
  const auto after = fetch(client, keys);
  std::string why;
  EXPECT_TRUE(all_right(keys, after, 20000, why)) << why;
}

TEST_P(WedgeTest, a_wait_and_a_close_do_not_depend_on_the_blocked_thread) {
  Client client = open_client(url_);
  const auto keys = numbered_keys("key", 20);
  wedge(GetParam());
  const Batch batch = submit(client, keys, {microseconds(5000ms)});
  ASSERT_TRUE(is_wedged());
  std::thread waiter([&] { EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK); });
  const auto closing = elapsed([&] { client.reset(); });
  const auto waking = elapsed([&] { waiter.join(); });
  EXPECT_LT(closing, kAtOnce);
  EXPECT_LT(waking, kAtOnce);
  EXPECT_EQ(describe(batch).state, OCTO_CLOSED);
}

INSTANTIATE_TEST_SUITE_P(blocked_in, WedgeTest,
                         testing::Values(WedgePoint::receive, WedgePoint::lookup, WedgePoint::allocation),
                         [](const auto &test) { return std::string(name_of(test.param)); });

}  // namespace
}  // namespace octo_test
