// Promise 4: no body but the right one, whatever an origin sends before its connection is used again.
#include <gtest/gtest.h>

#include <iostream>

#include "capi/right_bytes.hpp"
#include "capi/shared_ports.hpp"

namespace octo_test {
namespace {

void expect_right(const RightBytes &scenario) {
  std::cout << scenario.report() << '\n';
  EXPECT_EQ(scenario.tally().wrong, 0U) << scenario.tally().first_wrong;
  EXPECT_EQ(scenario.tally().clean_lost, 0U) << scenario.tally().first_lost;
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

void expect_injected(const RightBytes &scenario, std::uint64_t count) {
  for (const Injection &injection : injections()) EXPECT_GE(scenario.injected(injection), count) << injection.counter;
}

// Each over HTTP and over HTTPS.
class right_bytes_test : public testing::TestWithParam<const char *> {};
class right_bytes_long_test : public testing::TestWithParam<const char *> {};

TEST_P(right_bytes_test, row_8_row_9_row_6_no_wrong_body_in_thousands_of_fetches) {
  RightBytes scenario(GetParam());
  scenario.run(4000, 50);
  expect_injected(scenario, 50);
  expect_right(scenario);
}

TEST_P(right_bytes_test, row_8_no_wrong_body_when_two_addresses_share_their_local_ports) {
  const SharedPorts ports;
  RightBytes scenario(GetParam(), 2);
  scenario.run(1500, 0);
  std::cout << SharedPorts::shared() << " connections shared their local port\n";
  EXPECT_GE(SharedPorts::shared(), 50U);
  expect_right(scenario);
}

TEST_P(right_bytes_long_test, no_wrong_body_in_100000_fetches) {
  RightBytes scenario(GetParam(), 1, 2);
  scenario.run(100'000, 1000);
  expect_injected(scenario, 1000);
  expect_right(scenario);
}

TEST_P(right_bytes_long_test, no_wrong_body_in_20000_fetches_over_shared_local_ports) {
  const SharedPorts ports;
  RightBytes scenario(GetParam(), 2, 3);
  scenario.run(20'000, 0);
  std::cout << SharedPorts::shared() << " connections shared their local port\n";
  EXPECT_GE(SharedPorts::shared(), 1000U);
  expect_right(scenario);
}

// A guard that took session tickets for stray bytes would cost a handshake for each of them.
TEST_P(right_bytes_test, where_nothing_is_stray_no_connection_is_refused) {
  const OriginProcess origin(R"({"default": {"size": 900}})");
  OptionList options = {{"connections.max", "16"}};
  if (std::string(GetParam()) == "https") options["tls.ca_file"] = origin.ca_file();
  const Client client = open_client(origin.url(GetParam()), options);
  for (int i = 0; i < 20; ++i) {
    const auto keys = numbered_keys(std::to_string(i) + "/", 100);
    std::string why;
    ASSERT_TRUE(all_right(keys, fetch(client, keys, {20'000'000}), 900, why)) << why;
  }
  EXPECT_EQ(stats(client).connections_refused_by_guard, 0U);
  EXPECT_EQ(stats(client).reruns, 0U);
  EXPECT_LE(stats(client).connections_opened, 16U);
}

// The limit of what a client can do: bytes that come when the request is on its way cannot be told from its reply.
// Each costs one body, the real reply goes to nobody, and the next key is right again.
TEST_P(right_bytes_test, row_8_what_arrives_after_the_request_is_taken_for_its_reply_and_shifts_no_other) {
  constexpr int kTimes = 60;
  const OriginProcess origin(R"({"paths": {"/mine/*": {"fault": {"type": "stray_before"}}}})");
  OptionList options = {{"connections.max", "1"}};
  if (std::string(GetParam()) == "https") options["tls.ca_file"] = origin.ca_file();
  const Client client = open_client(origin.url(GetParam()), options);
  int poisoned = 0;
  int others_wrong = 0;
  for (int i = 0; i < kTimes; ++i) {
    const std::string number = std::to_string(i);
    const std::vector<std::string> keys = {"mine/" + number, "victim/" + number, "next/" + number};
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const Result result = fetch(client, {keys[k]}).front();
      ASSERT_EQ(result.status, OCTO_OK) << keys[k] << ": " << result.message;
      const bool is_right = result.body == pattern_body(keys[k], 1024);
      if (k == 1 && result.body == "POISON") ++poisoned;
      if (k != 1 && !is_right) ++others_wrong;
      // Answered behind everything that the origin had to write: the real reply has arrived, too.
      if (k == 1) origin.control("GET", "/ports");
    }
  }
  const std::uint64_t injected = origin.counter("injected.stray_before");
  std::cout << injected << " injections after the request was written: " << poisoned << " wrong bodies, "
            << others_wrong << " of other keys\n";
  EXPECT_EQ(injected, static_cast<std::uint64_t>(kTimes));
  EXPECT_EQ(poisoned, kTimes);
  EXPECT_EQ(others_wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(over, right_bytes_test, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });
INSTANTIATE_TEST_SUITE_P(over, right_bytes_long_test, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });

}  // namespace
}  // namespace octo_test
