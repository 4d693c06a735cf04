// What a host does to itself: it looks late, and holds secrets. Rows 72 and 80 of the fault catalogue.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <poll.h>

#include <chrono>
#include <thread>

#include "capi/batch_digest.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint64_t kBudget_us = 20'000'000;

// ------------------------------------------------------------------------------------------------------ looking late

TEST(faults_host_test, row_72_a_host_that_looks_late_finds_what_there_was_at_the_deadline) {
  const OriginProcess origin(R"({"default": {"size": 3000}, "paths": {"/late/*": {"size": 3000, "delay_ms": 1300}}})");
  const Client client = open_client(origin.url());
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  auto keys = numbered_keys("key", 10);
  for (const std::string &late : numbered_keys("late/", 10)) keys.push_back(late);
  const Batch batch = submit(client, keys, {1'000'000, raw, 1});
  // All of them have arrived by now.
  std::this_thread::sleep_for(1700ms);
  pollfd watched{octo_queue_fd(raw), POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 1);
  const octo_batch_info info = describe(batch);
  EXPECT_EQ(info.state, OCTO_DEADLINE);
  EXPECT_EQ(info.ok_count, 10U);
  EXPECT_EQ(info.late_count, 10U);
  EXPECT_GE(info.frozen_us, 1'000'000U);
  EXPECT_GE(info.pickup_lag_us, 500'000U);
  const std::uint64_t digest = digest_of(batch.get());
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(digest_of(batch.get()), digest);
}

// ---------------------------------------------------------------------------------------------------------- secrets

std::string explain(const Batch &batch, int format) {
  std::size_t size = 0;
  octo_batch_explain(batch.get(), format, nullptr, 0, &size);
  std::string text(size + 1, '\0');
  octo_batch_explain(batch.get(), format, text.data(), text.size(), &size);
  return text;
}

TEST(faults_host_test, row_80_a_secret_header_is_in_no_text_of_the_library) {
  const std::string secret = "s3cr3t-t0ken";
  const OriginProcess origin(
      R"({"default": {"size": 3000}, "paths": {"/bad/*": {"status": 403}, "/cut/*": {"fault": {"type": "reset"}}}})");
  const Client client = open_client(origin.url(), {{"headers", "X-Api-Key: " + secret}});
  const Batch batch = submit(client, {"key", "bad/1", "cut/1"}, {kBudget_us});
  octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
  EXPECT_NE(origin.control("GET", "/report").find(secret), std::string::npos) << "the origin gets it";
  for (const int format : {OCTO_EXPLAIN_LINE, OCTO_EXPLAIN_JSON, OCTO_EXPLAIN_SVG}) {
    EXPECT_EQ(explain(batch, format).find(secret), std::string::npos);
  }
  for (const Result &result : results(batch)) EXPECT_EQ(result.message.find(secret), std::string::npos);
  char value[100] = "";
  ASSERT_EQ(octo_client_get(client.get(), "headers", value, sizeof value, nullptr), OCTO_OK);
  EXPECT_STREQ(value, "***");
  octo_options *raw = nullptr;
  ASSERT_EQ(octo_options_create(&raw), OCTO_OK);
  const Options options(raw);
  // Refused for want of a colon, for a byte that no header may hold, and for a name that is the library's own.
  for (const std::string &line : {"X-Api-Key " + secret, "X-Api-Key: " + secret + "\x01", "Connection: " + secret}) {
    octo_error error = OCTO_ERROR_INIT;
    octo_client *refused = nullptr;
    octo_status status = octo_options_set(raw, "headers", line.c_str(), &error);
    if (status == OCTO_OK) status = octo_client_open(origin.url().c_str(), raw, &refused, &error);
    octo_client_close(refused);
    EXPECT_EQ(status, OCTO_INVALID_ARGUMENT) << line;
    EXPECT_EQ(std::string(error.text).find(secret), std::string::npos) << error.text;
  }
}

}  // namespace
}  // namespace octo_test
