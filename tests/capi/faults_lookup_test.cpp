// Names that are looked up slowly, in vain, or with answers that change: rows 43 to 45 of the fault catalogue.
#include <gtest/gtest.h>
#include <netdb.h>
#include <octofetch.h>

#include <chrono>
#include <thread>

#include "capi/process_state.hpp"
#include "capi/scripted_lookup.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr char kScript[] = R"({"default": {"size": 2000}})";
constexpr std::size_t kSize = 2000;
constexpr std::uint64_t kBudget_us = 20'000'000;

class faults_lookup_test : public testing::Test {
 protected:
  faults_lookup_test() : origin_(kScript) {}
  ~faults_lookup_test() override {
    release_lookups();
    answer_lookups_for_real();
  }

  Client open(const OptionList &options = {}) const {
    return open_client("http://origin.test:" + std::to_string(origin_.port("http")), options);
  }
  static void expect_complete(const Client &client, const std::string &prefix) {
    const auto keys = numbered_keys(prefix, 40);
    std::string why;
    EXPECT_TRUE(all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why)) << why;
  }
  static std::size_t fetch_and_count(const Client &client, std::uint64_t budget_us, octo_status status) {
    return count_status(fetch(client, numbered_keys("key", 40), {budget_us}), status);
  }

  const OriginProcess origin_;
};

TEST_F(faults_lookup_test, row_44_a_slow_lookup_ends_batches_on_time_and_piles_up_no_threads) {
  answer_lookups({0, {"127.0.0.1"}});
  const Baseline baseline;
  {
    const Client client = open();
    hold_lookups();
    for (int i = 0; i < 30; ++i) {
      std::vector<Result> got;
      const auto took = elapsed([&] { got = fetch(client, numbered_keys("key", 40), {150'000}); });
      EXPECT_GE(took, 150ms);
      EXPECT_LT(took, 1000ms);
      for (const Result &result : got) {
        EXPECT_TRUE(result.status == OCTO_DEADLINE || result.status == OCTO_SHED) << octo_status_name(result.status);
        EXPECT_TRUE(result.status != OCTO_DEADLINE || result.phase == OCTO_PHASE_RESOLVING) << result.phase;
      }
      EXPECT_LE(threads_named("octo-dns"), 2U);
    }
    EXPECT_GE(lookups_held(), 1U);
    EXPECT_LE(lookups_held_max(), 2U);
    release_lookups();
    expect_complete(client, "after");
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_F(faults_lookup_test, row_44_clients_that_come_and_go_leave_at_most_two_lookups_each_and_none_after_the_end) {
  answer_lookups({0, {"127.0.0.1"}});
  const Baseline baseline;
  hold_lookups();
  for (int i = 0; i < 10; ++i) {
    const Client client = open();
    fetch_and_count(client, 30'000, OCTO_DEADLINE);
  }
  EXPECT_LE(threads_named("octo-dns"), 20U);
  // Threads that sit in the system's resolver cannot be stopped: said, not waited for.
  EXPECT_EQ(octo_shutdown(100'000), OCTO_AGAIN);
  release_lookups();
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_F(faults_lookup_test, row_44_the_known_addresses_serve_while_a_refresh_hangs) {
  answer_lookups({0, {"127.0.0.1"}});
  const Client client = open({{"dns.refresh", "1s"}});
  expect_complete(client, "before");
  hold_lookups();
  std::this_thread::sleep_for(1100ms);
  expect_complete(client, "during");
  expect_complete(client, "during too");
  for (int i = 0; i < 500 && lookups_held() == 0; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(lookups_held(), 1U);
  release_lookups();
  expect_complete(client, "after");
}

TEST_F(faults_lookup_test, row_43_a_name_without_addresses_fails_at_once_and_is_asked_again_by_the_next_batch) {
  const Baseline baseline;
  {
    for (const int error : {EAI_NONAME, EAI_AGAIN, EAI_FAIL, 0}) {
      const Client client = open();
      answer_lookups({error, {}});
      std::vector<Result> got;
      EXPECT_LT(elapsed([&] { got = fetch(client, numbered_keys("key", 40), {kBudget_us}); }), 5000ms);
      EXPECT_EQ(count_status(got, OCTO_RESOLVE_FAILED), 40U) << octo_status_name(got[0].status);
      EXPECT_NE(got[0].message.find("origin.test"), std::string::npos) << got[0].message;
      answer_lookups({0, {"127.0.0.1"}});
      expect_complete(client, "after");
    }
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_F(faults_lookup_test, row_43_the_last_known_addresses_outlive_a_resolver_that_fails) {
  answer_lookups({0, {"127.0.0.1"}});
  const Client client = open({{"dns.refresh", "1s"}});
  expect_complete(client, "before");
  answer_lookups({EAI_AGAIN, {}});
  std::this_thread::sleep_for(1100ms);
  expect_complete(client, "during");
  const std::size_t before = lookups_made();
  for (int i = 0; i < 20; ++i) expect_complete(client, "more" + std::to_string(i) + "/");
  // Asked again now and then, not by every batch.
  EXPECT_LE(lookups_made() - before, 10U);
}

TEST_F(faults_lookup_test, row_45_dead_addresses_in_an_answer_are_passed_over) {
  std::vector<std::string> addresses;
  for (int i = 2; i <= 6; ++i) addresses.push_back("127.0.0." + std::to_string(i));
  addresses.push_back("127.0.0.1");
  answer_lookups({0, addresses});
  const Client client = open();
  // Which of so many a request tries is chance until the dead ones are known: it may meet several of them.
  fetch(client, numbered_keys("learn", 40), {kBudget_us});
  expect_complete(client, "after");
}

TEST_F(faults_lookup_test, row_45_an_answer_of_1000_addresses_with_good_ones_among_them_is_used) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 1200; ++i) addresses.push_back("127.0.0.1");
  answer_lookups({0, addresses});
  const Client client = open();
  expect_complete(client, "key");
}

TEST_F(faults_lookup_test, row_45_where_ipv6_alone_is_broken_ipv4_serves) {
  // Addresses for documentation: unreachable at once, or never answered.
  answer_lookups({0, {"2001:db8::1", "2001:db8::2", "127.0.0.1"}});
  const Client client = open({{"connect.next_after", "50ms"}});
  expect_complete(client, "key");
  expect_complete(client, "after");
}

TEST_F(faults_lookup_test, row_45_an_answer_that_flips_is_followed) {
  answer_lookups({0, {"127.0.0.2"}});
  const Client client = open({{"dns.refresh", "1s"}});
  EXPECT_EQ(fetch_and_count(client, kBudget_us, OCTO_CONNECT_FAILED), 40U);
  answer_lookups({0, {"127.0.0.1"}});
  std::this_thread::sleep_for(1100ms);
  // The refresh goes on in the background; the batch after it has the new address.
  fetch(client, {"one"}, {kBudget_us});
  for (int i = 0; i < 500 && stats(client).lookups < 2; ++i) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  expect_complete(client, "after");
}

}  // namespace
}  // namespace octo_test
