// An engine whose start fails for want of a thread, an eventfd or an epoll: rows 63 and 64 of the fault catalogue.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <cerrno>
#include <chrono>

#include "capi/failing_calls.hpp"
#include "capi/process_state.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr char kScript[] = R"({"default": {"size": 2000}})";
constexpr std::uint64_t kBudget_us = 20'000'000;

class faults_start_test : public testing::Test {
 protected:
  faults_start_test() : origin_(kScript) {
    // A name, so that a lookup needs its thread, too.
    url_ = "http://localhost:" + std::to_string(origin_.port("http"));
  }
  ~faults_start_test() override { let_calls_succeed(); }

  // With the n-th call failing, for each n until none is made any more.
  void expect_refused_and_recovered(Call call, int error) const {
    const Baseline baseline;
    int failures = 1;
    for (int successes = 0; failures > 0 && successes < 20; ++successes) {
      const Client client = open_client(url_);
      fail_calls(call, error, successes);
      std::vector<Result> got;
      EXPECT_LT(elapsed([&] { got = fetch(client, numbered_keys("key", 10), {kBudget_us}); }), 5000ms);
      failures = failed_calls();
      let_calls_succeed();
      const octo_status expected = failures > 0 ? OCTO_LOCAL_RESOURCE : OCTO_OK;
      EXPECT_EQ(count_status(got, expected), 10U)
          << "after " << successes << " calls: " << octo_status_name(got[0].status) << ": " << got[0].message;
      const auto keys = numbered_keys("after", 10);
      std::string why;
      EXPECT_TRUE(all_right(keys, fetch(client, keys, {kBudget_us}), 2000, why)) << why;
      EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(baseline.left_over(), "");
  }

  const OriginProcess origin_;
  std::string url_;
};

TEST_F(faults_start_test, row_63_without_a_thread_requests_end_with_local_resource_and_the_next_batch_is_complete) {
  expect_refused_and_recovered(Call::pthread_create, EAGAIN);
}

TEST_F(faults_start_test, row_64_without_an_eventfd_requests_end_with_local_resource_and_the_next_batch_is_complete) {
  expect_refused_and_recovered(Call::eventfd, EMFILE);
  expect_refused_and_recovered(Call::eventfd, EPERM);
}

TEST_F(faults_start_test, row_64_without_an_epoll_requests_end_with_local_resource_and_the_next_batch_is_complete) {
  expect_refused_and_recovered(Call::epoll_create, EMFILE);
  expect_refused_and_recovered(Call::epoll_create, EPERM);
}

TEST_F(faults_start_test, row_63_a_queue_without_its_clock_thread_still_hears_of_its_batches) {
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  const Client client = open_client(url_);
  fail_calls(Call::pthread_create, EAGAIN);
  const Batch batch = submit(client, {"a"}, {kBudget_us, raw, 5});
  octo_event event{};
  std::size_t count = 0;
  EXPECT_EQ(octo_queue_take(raw, &event, sizeof event, 1, &count), OCTO_OK);
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(event.tag, 5U);
  EXPECT_NE(describe(batch).state, OCTO_AGAIN);
  let_calls_succeed();
  EXPECT_EQ(count_status(fetch(client, {"b"}, {kBudget_us}), OCTO_OK), 1U);
}

TEST_F(faults_start_test, row_64_a_queue_without_a_descriptor_is_refused) {
  fail_calls(Call::eventfd, EMFILE);
  octo_queue *raw = nullptr;
  EXPECT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_LOCAL_RESOURCE);
  EXPECT_EQ(raw, nullptr);
}

}  // namespace
}  // namespace octo_test
