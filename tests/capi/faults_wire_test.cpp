// Rows 40, 46 and 48 of the fault catalogue: packets are lost, doubled, late and out of order, the large ones vanish, or
// none arrives any more. Slower,
// right, on time; and as before when it is over.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "capi/bad_wire.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 20'000;
constexpr std::uint64_t kBudget_us = 30'000'000;
constexpr char kScript[] = R"({"default": {"size": 20000}, "paths": {"/slow/*": {"size": 20000, "delay_ms": 300},
                               "/small/*": {"size": 100}}})";

// A test program may be run whole: the namespace stays, and so does its wire.
struct Place {
  std::string why;
  const std::unique_ptr<BadWire> wire = BadWire::lay(why);
};
Place &place() {
  static Place only;
  return only;
}

class faults_wire_test : public testing::TestWithParam<const char *> {
 protected:
  void SetUp() override {
    if (place().wire == nullptr) GTEST_SKIP() << place().why;
    place().wire->set({});
    origin_ = std::make_unique<OriginProcess>(kScript);
  }

  Client open(const OptionList &more = {}) const {
    const std::string listener = GetParam();
    OptionList options = {{"dns.addresses", BadWire::kFarAddress}};
    options.insert(more.begin(), more.end());
    if (listener == "https") options["tls.ca_file"] = origin_->ca_file();
    return open_client(listener + "://localhost:" + std::to_string(origin_->port(listener)), options);
  }
  static void expect_complete(const Client &client, const std::string &prefix, std::size_t count = 40) {
    const auto keys = numbered_keys(prefix, count);
    std::string why;
    EXPECT_TRUE(all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why)) << why;
  }

  // Ten batches with little time: on time, and what has come is right.
  void expect_on_time(const Client &client, std::uint64_t budget_us) const {
    std::size_t ok = 0;
    for (int i = 0; i < 10; ++i) {
      const auto keys = numbered_keys("short" + std::to_string(i) + "/", 20);
      std::vector<Result> got;
      const auto took = elapsed([&] { got = fetch(client, keys, {budget_us}); });
      EXPECT_LT(took, std::chrono::microseconds(budget_us) + 500ms);
      for (std::size_t k = 0; k < keys.size(); ++k) {
        if (got[k].status != OCTO_OK) continue;
        ++ok;
        EXPECT_EQ(got[k].body, pattern_body(keys[k], kSize)) << keys[k];
      }
    }
    std::cout << ok << " of 200 keys within " << budget_us / 1000 << " ms\n";
  }

  std::unique_ptr<OriginProcess> origin_;
};

TEST_P(faults_wire_test, row_46_where_5_percent_of_the_packets_are_lost_everything_arrives) {
  // Linux sends a lost SYN again after 1 s, which is all the time that the default gives a connect.
  const Client client = open({{"connect.timeout", "20s"}});
  place().wire->set({0.05});
  expect_complete(client, "key", 20);
  expect_on_time(client, 300'000);
  EXPECT_GT(place().wire->lost(), 10U);
}

TEST_P(faults_wire_test, row_46_where_30_percent_of_the_packets_are_lost_batches_are_on_time) {
  const Client client = open();
  expect_complete(client, "before");
  place().wire->set({0.3});
  expect_on_time(client, 200'000);
  place().wire->set({});
  expect_complete(client, "after");
}

TEST_P(faults_wire_test, row_46_packets_that_are_late_doubled_and_out_of_order_change_nothing_but_the_time) {
  const Client client = open({{"connect.timeout", "20s"}});
  place().wire->set({0, 0.3, 0ms, 20ms});
  expect_complete(client, "key");
  expect_complete(client, "again");
  expect_on_time(client, 100'000);
  place().wire->set({0.02, 0.1, 5ms, 30ms});
  expect_complete(client, "worse", 20);
  place().wire->set({});
  expect_complete(client, "after");
}

TEST_P(faults_wire_test, row_40_where_nothing_arrives_any_more_a_batch_ends_by_its_deadline_and_the_next_is_complete) {
  const Client client = open();
  expect_complete(client, "before");
  const Batch cut = submit(client, numbered_keys("slow/", 20), {600'000});
  std::this_thread::sleep_for(100ms);
  place().wire->set({1.0});
  EXPECT_LT(elapsed([&] { octo_batch_wait(cut.get(), OCTO_WAIT_FOREVER); }), 1500ms);
  EXPECT_EQ(count_status(results(cut), OCTO_DEADLINE), 20U);
  std::vector<Result> got;
  EXPECT_LT(elapsed([&] { got = fetch(client, numbered_keys("gone", 40), {300'000}); }), 1500ms);
  EXPECT_EQ(count_status(got, OCTO_OK), 0U);
  place().wire->set({});
  expect_complete(client, "after");
}

TEST_P(faults_wire_test, row_48_where_large_packets_vanish_small_objects_arrive_and_the_rest_ends_on_time) {
  const Client client = open();
  expect_complete(client, "before");
  Weather weather;
  weather.size_max = 600;
  place().wire->set(weather);
  for (int i = 0; i < 3; ++i) {
    auto keys = numbered_keys("key", 10);
    for (const std::string &small : numbered_keys("small/", 10)) keys.push_back(small);
    std::vector<Result> got;
    EXPECT_LT(elapsed([&] { got = fetch(client, keys, {400'000}); }), 1500ms);
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const bool is_small = k >= 10;
      EXPECT_TRUE(is_small || got[k].status == OCTO_DEADLINE || got[k].status == OCTO_SHED)
          << keys[k] << ": " << octo_status_name(got[k].status);
      if (is_small && i == 0) EXPECT_EQ(got[k].status, OCTO_OK) << keys[k] << ": " << got[k].message;
    }
  }
  place().wire->set({});
  expect_complete(client, "after");
}

class faults_wire_long_test : public faults_wire_test {};

TEST_P(faults_wire_long_test, row_40_the_kernel_ends_a_connection_that_nobody_acknowledges) {
  const Client client = open({{"idle.max", "60s"}});
  expect_complete(client, "before", 5);
  place().wire->set({1.0});
  // Over the connections that stand: these are written, and never acknowledged. With the re-run that this earns them,
  // they end long before their time.
  std::vector<Result> got;
  const auto took = elapsed([&] { got = fetch(client, numbered_keys("gone", 5), {kBudget_us}); });
  std::cout << "ended after " << took.count() << " ms: " << octo_status_name(got[0].status) << ' ' << got[0].message
            << '\n';
  EXPECT_GE(took, 5000ms);
  EXPECT_LT(took, 20'000ms);
  for (const Result &result : got) {
    EXPECT_TRUE(result.status == OCTO_CONNECTION_LOST || result.status == OCTO_CONNECT_FAILED)
        << octo_status_name(result.status) << ": " << result.message;
  }
  place().wire->set({});
  expect_complete(client, "after");
}

std::string listener_name(const testing::TestParamInfo<const char *> &listener) { return listener.param; }

INSTANTIATE_TEST_SUITE_P(over, faults_wire_test, testing::Values("http", "https"), listener_name);
INSTANTIATE_TEST_SUITE_P(over, faults_wire_long_test, testing::Values("http", "https"), listener_name);

}  // namespace
}  // namespace octo_test
