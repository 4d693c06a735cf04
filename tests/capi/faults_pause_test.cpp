// Row 67 of the fault catalogue: a process stands still while its origin closes every connection. It returns at once when
// it goes on, says how late it is, and its next batch is complete.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "capi/child.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;

struct Pause {
  const char *name;
  const char *listener;
  // What the origin does to idle connections, and whether it resets all in the meantime.
  const char *reply;
  bool drops;
  const char *idle_max;
  std::chrono::milliseconds span;
};

constexpr char kKept[] = R"({"size": 3000, "delay_ms": 10})";
constexpr char kClosed[] = R"({"size": 3000, "delay_ms": 10, "fault": {"type": "idle_close", "after_ms": 700}})";

std::string script_of(const Pause &pause) {
  return std::string(R"({"default": )") + pause.reply +
         R"(, "paths": {"/never/*": {"fault": {"type": "stall_before_headers"}}}})";
}

// What the process that stands still does; 0 when all is as it should be.
int fetch_around_pause(const OriginProcess &origin, const Pause &pause, int ready_fd) {
  OptionList options;
  if (*pause.idle_max != '\0') options["idle.max"] = pause.idle_max;
  if (std::string(pause.listener) == "https") options["tls.ca_file"] = origin.ca_file();
  const Client client = open_client(origin.url(pause.listener), options);
  const auto is_complete = [&](const char *prefix) {
    const auto keys = numbered_keys(prefix, 20);
    std::string why;
    const bool is_right = all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why);
    if (!is_right) std::cerr << why << '\n';
    return is_right;
  };
  if (!is_complete("before")) return 1;
  const Batch batch = submit(client, numbered_keys("never/", 5), {200'000});
  if (::write(ready_fd, "x", 1) != 1) return 2;
  octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
  const octo_batch_info info = describe(batch);
  if (info.state != OCTO_DEADLINE || info.late_count != 5) return 3;
  // It stood still beyond the deadline, which is not changed by that and not hidden.
  if (info.pickup_lag_us < 300'000) return 4;
  if (!is_complete("after")) return 5;
  if (!is_complete("later")) return 6;
  return octo_shutdown(10'000'000) == OCTO_OK ? 0 : 7;
}

void stand_still(const Pause &pause) {
  const OriginProcess origin(script_of(pause));
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  Child child([&] { return fetch_around_pause(origin, pause, ready[1]); });
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child.process(), SIGSTOP);
  std::this_thread::sleep_for(pause.span / 2);
  if (pause.drops) origin.control("POST", "/drop");
  std::this_thread::sleep_for(pause.span / 2);
  ::kill(child.process(), SIGCONT);
  const auto took = elapsed([&] { EXPECT_EQ(child.wait(), 0); });
  EXPECT_LT(took, 3000ms);
  std::cout << "after " << pause.span.count() << " ms of standing still done within " << took.count() << " ms\n";
  ::close(ready[0]);
  ::close(ready[1]);
}

class row_67 : public testing::TestWithParam<Pause> {};

TEST_P(row_67, a_process_that_stood_still_returns_at_once_and_the_next_batch_is_complete) { stand_still(GetParam()); }

constexpr Pause kPauses[] = {
    {"http_origin_resets", "http", kKept, true, "1s", 1500ms},
    {"https_origin_resets", "https", kKept, true, "1s", 1500ms},
    // Within idle.max, so that connections are still trusted, and found dead when they are used.
    {"http_origin_closes", "http", kClosed, false, "", 2000ms},
    {"https_origin_closes", "https", kClosed, false, "", 2000ms},
    {"https_origin_keeps", "https", kKept, false, "1s", 1500ms},
};

INSTANTIATE_TEST_SUITE_P(faults_pause_test, row_67, testing::ValuesIn(kPauses),
                         [](const auto &pause) { return std::string(pause.param.name); });

class row_67_long_test : public testing::TestWithParam<Pause> {};

TEST_P(row_67_long_test, stands_still_for_10_s) {
  Pause pause = GetParam();
  pause.span = 10'000ms;
  pause.idle_max = "";
  stand_still(pause);
}

INSTANTIATE_TEST_SUITE_P(faults_pause_test, row_67_long_test, testing::ValuesIn(kPauses),
                         [](const auto &pause) { return std::string(pause.param.name); });

}  // namespace
}  // namespace octo_test
