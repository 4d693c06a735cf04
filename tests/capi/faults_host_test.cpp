// What a host does to itself: it stands still, forks, exits, looks late, and holds secrets. Rows 67, 69, 71, 72 and 80 of
// the fault catalogue.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "capi/batch_digest.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000}, "paths": {"/slow/*": {"size": 3000, "delay_ms": 300},
                               "/never/*": {"fault": {"type": "stall_before_headers"}}}})";

bool is_complete(const Client &client, const std::string &prefix, std::string &why, std::size_t count = 20) {
  const auto keys = numbered_keys(prefix, count);
  return all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why);
}

// A forked child; its exit status says how it went.
class Child {
 public:
  explicit Child(const std::function<int()> &body) : process_(::fork()) {
    if (process_ == 0) ::_exit(body());
  }
  pid_t process() const { return process_; }
  // What it exits with; -1 when a signal or the patience ended it.
  int wait(std::chrono::milliseconds patience = 20'000ms) const {
    int status = 0;
    const auto until = Clock::now() + patience;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
      if (Clock::now() > until) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, &status, 0);
        return -1;
      }
      std::this_thread::sleep_for(1ms);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  const pid_t process_;
};

// -------------------------------------------------------------------------------------------------- standing still

TEST(faults_host_test, row_67_a_process_that_stood_still_returns_at_once_and_the_next_batch_is_complete) {
  const OriginProcess origin(kScript);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const Child child([&] {
    const Client client = open_client(origin.url(), {{"idle.max", "1s"}});
    std::string why;
    if (!is_complete(client, "before", why)) return 1;
    const Batch batch = submit(client, numbered_keys("never/", 5), {200'000});
    if (::write(ready[1], "x", 1) != 1) return 2;
    octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
    if (describe(batch).state != OCTO_DEADLINE) return 3;
    // The freeze may be seen late; that it was due before is not changed by that.
    for (const Result &result : results(batch)) {
      if (result.status != OCTO_DEADLINE) return 4;
    }
    if (!is_complete(client, "after", why)) return 5;
    return octo_shutdown(10'000'000) == OCTO_OK ? 0 : 6;
  });
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child.process(), SIGSTOP);
  std::this_thread::sleep_for(1500ms);
  const auto resumed_at = Clock::now();
  ::kill(child.process(), SIGCONT);
  EXPECT_EQ(child.wait(), 0);
  EXPECT_LT(Clock::now() - resumed_at, 3000ms);
  ::close(ready[0]);
  ::close(ready[1]);
}

// ------------------------------------------------------------------------------------------------------------- fork

class row_69 : public testing::TestWithParam<const char *> {};

TEST_P(row_69, a_fork_during_a_fetch_leaves_the_parent_its_bytes_and_the_child_an_engine_of_its_own) {
  const OriginProcess origin(kScript);
  OptionList options;
  if (std::string(GetParam()) == "https") options["tls.ca_file"] = origin.ca_file();
  const Client client = open_client(origin.url(GetParam()), options);
  std::string why;
  ASSERT_TRUE(is_complete(client, "warm", why)) << why;
  const auto keys = numbered_keys("slow/", 20);
  const Batch batch = submit(client, keys, {kBudget_us});
  while (origin.counter("requests.total") < 40) std::this_thread::sleep_for(1ms);
  const Child child([&] {
    std::size_t index = 0;
    octo_batch_info info{};
    if (octo_batch_wait(batch.get(), 0) != OCTO_FORKED) return 1;
    if (octo_batch_next(batch.get(), 0, &index) != OCTO_FORKED) return 2;
    if (octo_batch_describe(batch.get(), &info, sizeof info) != OCTO_FORKED) return 3;
    octo_batch_cancel(batch.get());
    std::string trouble;
    for (int i = 0; i < 5; ++i) {
      if (!is_complete(client, "child" + std::to_string(i) + "/", trouble)) return 4;
    }
    octo_client_close(client.get());
    return octo_shutdown(10'000'000) == OCTO_OK ? 0 : 5;
  });
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(is_complete(client, "parent" + std::to_string(i) + "/", why)) << why;
  }
  EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  EXPECT_TRUE(all_right(keys, results(batch), kSize, why)) << why;
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(is_complete(client, "after", why)) << why;
}

INSTANTIATE_TEST_SUITE_P(faults_host_test, row_69, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });

// ------------------------------------------------------------------------------------------------------------- exit

TEST(faults_host_test, row_71_a_process_that_exits_with_requests_under_way_ends_at_once) {
  for (const std::string listener : {"http", "https"}) {
    const OriginProcess origin(kScript);
    for (int turn = 0; turn < 10; ++turn) {
      const auto start = Clock::now();
      const Child child([&]() -> int {
        OptionList options;
        if (listener == "https") options["tls.ca_file"] = origin.ca_file();
        Client client = open_client(origin.url(listener), options);
        Batch batch = submit(client, numbered_keys("never/", 50), {kBudget_us});
        std::this_thread::sleep_for(std::chrono::milliseconds(turn * 3));
        // The host gives nothing back; what runs at exit does so while the library's threads run.
        static_cast<void>(batch.release());
        static_cast<void>(client.release());
        std::exit(0);
      });
      EXPECT_EQ(child.wait(5000ms), 0);
      EXPECT_LT(Clock::now() - start, 3000ms);
    }
  }
}

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
