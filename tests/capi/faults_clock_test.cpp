// Row 68 of the fault catalogue: the clock is set by an hour, forwards or backwards, while batches run. Deadlines do not
// notice, signatures bear the new time at once, and what was connected before is not trusted.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <chrono>
#include <thread>

#include "capi/set_clock.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000}, "paths": {"/slow/*": {"size": 3000, "delay_ms": 300},
                               "/never/*": {"fault": {"type": "stall_before_headers"}}}})";
constexpr char kSignedScript[] = R"({"signature": {"region": "us-east-1", "access_key_id": "AKID",
                                     "secret_access_key": "right", "skew_max_s": 900}, "default": {"size": 3000}})";

void expect_complete(const Client &client, const std::string &prefix, std::size_t count = 40) {
  const auto keys = numbered_keys(prefix, count);
  std::string why;
  EXPECT_TRUE(all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why)) << why;
}

class row_68 : public testing::TestWithParam<int> {
 protected:
  ~row_68() override { set_clock(0s); }
  std::chrono::seconds jump() const { return std::chrono::hours(GetParam()); }
};

TEST_P(row_68, a_clock_that_is_set_changes_no_deadline) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  expect_complete(client, "before");
  for (int turn = 0; turn < 2; ++turn) {
    const auto slow = numbered_keys("slow/", 40);
    const Batch enough = submit(client, slow, {kBudget_us});
    Batch short_of_time;
    const auto took = elapsed([&] {
      short_of_time = submit(client, numbered_keys("never/", 5), {300'000});
      std::this_thread::sleep_for(100ms);
      // There, and back.
      set_clock(turn == 0 ? jump() : 0s);
      EXPECT_EQ(octo_batch_wait(short_of_time.get(), OCTO_WAIT_FOREVER), OCTO_OK);
    });
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 1500ms);
    EXPECT_EQ(describe(short_of_time).state, OCTO_DEADLINE);
    std::string why;
    EXPECT_EQ(octo_batch_wait(enough.get(), OCTO_WAIT_FOREVER), OCTO_OK);
    EXPECT_TRUE(all_right(slow, results(enough), kSize, why)) << why;
    expect_complete(client, "after");
  }
}

TEST_P(row_68, warm_connections_that_seem_older_now_are_not_trusted) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  expect_complete(client, "before", 1);
  expect_complete(client, "same", 1);
  ASSERT_EQ(stats(client).connections_opened, 1U);
  set_clock(jump());
  expect_complete(client, "after", 1);
  // A host that slept sees its clock go forwards, never backwards.
  EXPECT_EQ(stats(client).connections_opened, jump() > 0s ? 2U : 1U);
  expect_complete(client, "later", 1);
  EXPECT_EQ(stats(client).connections_opened, jump() > 0s ? 2U : 1U) << "once";
}

TEST_P(row_68, the_next_signature_bears_the_new_time) {
  const OriginProcess origin(kSignedScript);
  const Client client = open_client(
      "s3://bucket", {{"s3.endpoint", origin.url()}, {"s3.access_key_id", "AKID"}, {"s3.secret_access_key", "right"}});
  const auto keys = numbered_keys("key", 20);
  for (int turn = 0; turn < 3; ++turn) {
    set_clock(jump());
    EXPECT_EQ(count_status(fetch(client, keys, {kBudget_us}), OCTO_FORBIDDEN), keys.size())
        << "the origin's own is right";
    set_clock(0s);
    EXPECT_EQ(count_status(fetch(client, keys, {kBudget_us}), OCTO_OK), keys.size());
  }
}

// A day changes the key that signatures are made with as well.
INSTANTIATE_TEST_SUITE_P(hours, row_68, testing::Values(1, -1, 24, -24), [](const auto &test) {
  return (test.param > 0 ? "forwards_" : "backwards_") + std::to_string(std::abs(test.param));
});

}  // namespace
}  // namespace octo_test
