// Row 69 of the fault catalogue: a fork does not wait for a thread of the library that is stuck, nor longer for many
// threads than for one, and its child fetches all the same.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <thread>

#include "capi/child.hpp"
#include "capi/wedge.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000, "latency": {"type": "fixed", "ms": 50}}})";
// A fork waits 20 ms at most; the rest is the machine's.
constexpr auto kForkMax = 150ms;

bool is_complete(const Client &client, const std::string &prefix) {
  const auto keys = numbered_keys(prefix, 20);
  std::string why;
  return all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why);
}

// The shortest of a few, so that another process's work does not count.
template <typename Once>
std::chrono::microseconds shortest_fork(Once fork_once) {
  auto shortest = std::chrono::microseconds::max();
  for (int i = 0; i < 5; ++i) shortest = std::min(shortest, fork_once());
  return shortest;
}

class fork_wedge_test : public testing::TestWithParam<WedgePoint> {
 protected:
  fork_wedge_test() : origin_(kScript) {
    // A name that getaddrinfo is asked for.
    url_ = "http://localhost:" + std::to_string(origin_.port("http"));
  }
  ~fork_wedge_test() override { unwedge(); }

  const OriginProcess origin_;
  std::string url_;
};

TEST_P(fork_wedge_test, row_69_a_fork_beside_a_stuck_thread_returns_soon_and_the_child_fetches) {
  const Client client = open_client(url_);
  wedge(GetParam());
  const Batch batch = submit(client, numbered_keys("parent", 20), {kBudget_us});
  ASSERT_TRUE(is_wedged());
  const std::uint64_t unawaited = stats(client).forks_unawaited;
  const auto took = shortest_fork([&] {
    Child child([&] {
      wedge(WedgePoint::none);
      return is_complete(client, "child") ? 0 : 1;
    });
    EXPECT_EQ(child.wait(), 0);
    return child.fork_took();
  });
  EXPECT_LT(took, kForkMax);
  EXPECT_EQ(stats(client).forks_unawaited, unawaited + 5);
  unwedge();
  EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  EXPECT_EQ(count_status(results(batch), OCTO_OK), 20U);
  EXPECT_TRUE(is_complete(client, "after"));
}

TEST_P(fork_wedge_test, row_69_a_fork_beside_20_stuck_threads_waits_no_longer) {
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(open_client(url_));
  wedge(GetParam());
  std::vector<Batch> batches;
  for (const Client &client : clients) batches.push_back(submit(client, {"key"}, {kBudget_us}));
  ASSERT_TRUE(is_wedged());
  // Until the others are there too.
  std::this_thread::sleep_for(300ms);
  const auto took = shortest_fork([&] {
    Child child([] { return 0; });
    EXPECT_EQ(child.wait(), 0);
    return child.fork_took();
  });
  EXPECT_GE(took, 20ms) << "nobody was stuck";
  EXPECT_LT(took, kForkMax);
  unwedge();
  for (const Batch &batch : batches) EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
}

TEST(fork_wedge_idle_test, row_69_a_fork_beside_20_idle_engines_does_not_wait) {
  const OriginProcess origin(kScript);
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(open_client(origin.url()));
    ASSERT_TRUE(is_complete(clients.back(), "warm"));
  }
  const auto took = shortest_fork([&] {
    Child child([&] { return is_complete(clients[7], "child") ? 0 : 1; });
    EXPECT_EQ(child.wait(), 0);
    return child.fork_took();
  });
  EXPECT_LT(took, 20ms);
}

INSTANTIATE_TEST_SUITE_P(stuck_in, fork_wedge_test,
                         testing::Values(WedgePoint::receive, WedgePoint::lookup, WedgePoint::allocation),
                         [](const auto &test) { return std::string(name_of(test.param)); });

}  // namespace
}  // namespace octo_test
