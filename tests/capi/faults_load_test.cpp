// A cold spike of batches, and a few slow keys among many: rows 76 and 77 of the fault catalogue.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

#include "capi/process_state.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 2000;
constexpr std::size_t kBatches = 50;
constexpr std::size_t kKeys = 100;
constexpr std::uint64_t kConnectionsMax = 64;

// The most connections to a port that this process had open at once, looked at again and again. The origin, which learns
// late what was closed, may count more.
class ConnectionWatch {
 public:
  explicit ConnectionWatch(int port) : port_(port), thread_([this] { run(); }) {}
  ~ConnectionWatch() { stop(); }

  std::size_t stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
    return most_;
  }

 private:
  void run() {
    while (!is_over_) {
      most_ = std::max(most_, sockets_to_port(port_).size());
      std::this_thread::sleep_for(2ms);
    }
  }

  const int port_;
  std::size_t most_ = 0;
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

class row_76 : public testing::TestWithParam<const char *> {
 protected:
  row_76() : origin_(R"({"default": {"size": 2000, "latency": {"type": "fixed", "ms": 10}}})") {
    if (std::string(GetParam()) == "https") options_["tls.ca_file"] = origin_.ca_file();
  }
  std::vector<Batch> submit_spike(const Client &client, std::uint64_t budget_us) const {
    std::vector<Batch> batches;
    for (std::size_t i = 0; i < kBatches; ++i) {
      batches.push_back(submit(client, numbered_keys(std::to_string(i) + "/", kKeys), {budget_us}));
    }
    return batches;
  }
  void expect_next_complete(const Client &client) const {
    const auto keys = numbered_keys("next/", kKeys);
    std::string why;
    EXPECT_TRUE(all_right(keys, fetch(client, keys, {20'000'000}), kSize, why)) << why;
  }

  const OriginProcess origin_;
  OptionList options_;
};

TEST_P(row_76, a_cold_spike_with_time_is_served_over_no_more_connections_than_allowed) {
  const Baseline baseline;
  {
    const Client client = open_client(origin_.url(GetParam()), options_);
    ConnectionWatch watch(origin_.port(GetParam()));
    const std::vector<Batch> batches = submit_spike(client, 60'000'000);
    for (std::size_t i = 0; i < kBatches; ++i) {
      ASSERT_EQ(octo_batch_wait(batches[i].get(), OCTO_WAIT_FOREVER), OCTO_OK);
      std::string why;
      EXPECT_TRUE(all_right(numbered_keys(std::to_string(i) + "/", kKeys), results(batches[i]), kSize, why)) << why;
    }
    EXPECT_LE(watch.stop(), kConnectionsMax);
    EXPECT_LE(origin_.counter("connections.accepted"), kConnectionsMax);
    EXPECT_EQ(origin_.counter("requests.total"), kBatches * kKeys);
    expect_next_complete(client);
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_P(row_76, a_cold_spike_without_time_ends_on_time_and_leaves_no_trace) {
  const Baseline baseline;
  {
    const Client client = open_client(origin_.url(GetParam()), options_);
    ConnectionWatch watch(origin_.port(GetParam()));
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Batch> batches = submit_spike(client, 300'000);
    std::size_t ok = 0;
    for (const Batch &batch : batches) {
      ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
      ok += describe(batch).ok_count;
      EXPECT_EQ(describe(batch).ok_count + describe(batch).late_count, kKeys);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3000ms);
    EXPECT_LE(watch.stop(), kConnectionsMax);
    std::cout << ok << " of " << kBatches * kKeys << " keys in 300 ms\n";
    expect_next_complete(client);
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST(faults_load_test, row_77_slow_keys_delay_no_others) {
  const OriginProcess origin(R"({"default": {"size": 2000}, "paths": {"/never/*": {"delay_ms": 60000}}})");
  const Client client = open_client(origin.url(), {{"connections.max", "16"}});
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> keys = numbered_keys("never/", 5);
    for (const std::string &key : numbered_keys(std::to_string(round) + "/", 95)) keys.push_back(key);
    const Batch batch = submit(client, keys, {20'000'000});
    std::size_t arrived = 0;
    std::size_t index = 0;
    octo_result result{};
    const auto took = elapsed([&] {
      while (arrived < 95 && octo_batch_next(batch.get(), 10'000'000, &index) == OCTO_OK) {
        octo_batch_results(batch.get(), index, &result, sizeof result, 1);
        arrived += result.status == OCTO_OK ? 1 : 0;
      }
    });
    EXPECT_EQ(arrived, 95U);
    EXPECT_LT(took, 5000ms);
    EXPECT_EQ(describe(batch).state, OCTO_AGAIN);
  }
}

INSTANTIATE_TEST_SUITE_P(faults_load_test, row_76, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });

}  // namespace
}  // namespace octo_test
