// Row 71 of the fault catalogue: a process that exits, closes its client or unloads the library while 50 requests are under
// way, in whatever phase, is done within 100 ms.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <thread>

#include "capi/child.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

extern char **environ;

namespace octo_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;
using std::chrono::microseconds;

constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000}, "paths": {
    "/never/*": {"fault": {"type": "stall_before_headers"}},
    "/half/*": {"size": 200000, "fault": {"type": "stall_in_body"}}}})";

// What is under way at the end: who serves, what is asked for, and how long since.
struct Work {
  const char *name;
  const char *listener;
  const char *keys;
  std::chrono::milliseconds age_max;
};

constexpr Work kWorks[] = {
    {"http_waiting", "http", "never/", 30ms},
    {"http_stalled_bodies", "http", "half/", 60ms},
    {"https_shaking_hands", "https", "never/", 40ms},
    {"https_stalled_bodies", "https", "half/", 200ms},
    {"https_stalled_handshakes", "tls_stall", "never/", 60ms},
    {"http_connecting", "black_hole", "never/", 60ms},
};

constexpr int kTurns = 10;

Client open_for(const OriginProcess &origin, const Work &work) {
  const std::string listener = work.listener;
  OptionList options;
  if (listener == "https" || listener == "tls_stall") options["tls.ca_file"] = origin.ca_file();
  return open_client(origin.url(listener), options);
}

// So that the turns meet it in different moments.
void let_it_get_under_way(const Work &work, int turn) { std::this_thread::sleep_for(work.age_max * turn / kTurns); }

// The thread sanitizer sleeps before each exit.
#if defined(__SANITIZE_THREAD__)
constexpr auto kSanitizerSleep = 1000ms;
#else
constexpr auto kSanitizerSleep = 0ms;
#endif

// What the promise names is the median: on a machine with other work a single one says little.
void expect_soon(const char *what, std::vector<microseconds> spans) {
  std::sort(spans.begin(), spans.end());
  const microseconds median = spans[spans.size() / 2];
  std::cout << what << ": median " << median.count() << " us, longest " << spans.back().count() << " us\n";
  EXPECT_LT(median, 100ms + kSanitizerSleep);
  EXPECT_LT(spans.back(), 1500ms + kSanitizerSleep);
}

class row_71 : public testing::TestWithParam<Work> {
 protected:
  // Of turns in which a child exits with a batch under way.
  std::vector<microseconds> exit_spans(bool has_queue) const {
    std::vector<microseconds> spans;
    for (int turn = 0; turn < kTurns; ++turn) spans.push_back(exit_span(turn, has_queue));
    return spans;
  }

  const OriginProcess origin_{kScript};

 private:
  microseconds exit_span(int turn, bool has_queue) const {
    int at_exit[2];
    EXPECT_EQ(::pipe(at_exit), 0);
    Child child(
        [&] {
          octo_queue *queue = nullptr;
          if (has_queue && octo_queue_create(nullptr, nullptr, &queue) != OCTO_OK) return 1;
          Client client = open_for(origin_, GetParam());
          Batch batch = submit(client, numbered_keys(GetParam().keys, 50), {kBudget_us, queue});
          let_it_get_under_way(GetParam(), turn);
          // The host gives nothing back; what runs at exit does so while the library's threads run.
          static_cast<void>(batch.release());
          static_cast<void>(client.release());
          const Clock::time_point now = Clock::now();
          return ::write(at_exit[1], &now, sizeof now) == sizeof now ? 0 : 1;
        },
        Ending::with_exit_handlers);
    EXPECT_EQ(child.wait(), 0);
    const Clock::time_point ended = Clock::now();
    Clock::time_point began;
    EXPECT_EQ(::read(at_exit[0], &began, sizeof began), static_cast<ssize_t>(sizeof began));
    ::close(at_exit[0]);
    ::close(at_exit[1]);
    return std::chrono::duration_cast<microseconds>(ended - began);
  }
};

TEST_P(row_71, an_exit_is_soon_over) { expect_soon("exit", exit_spans(false)); }

// With a queue there is a thread for deadlines as well. A thread that does not come round is waited for 50 ms, each time.
TEST_P(row_71, an_exit_with_a_queue_waits_for_no_thread_in_vain) {
  const std::vector<microseconds> spans = exit_spans(true);
  expect_soon("exit with a queue", spans);
  EXPECT_LT(*std::min_element(spans.begin(), spans.end()), 45ms + kSanitizerSleep);
}

TEST_P(row_71, a_close_is_soon_over) {
  std::vector<microseconds> spans;
  for (int turn = 0; turn < kTurns; ++turn) {
    Client client = open_for(origin_, GetParam());
    const Batch batch = submit(client, numbered_keys(GetParam().keys, 50), {kBudget_us});
    let_it_get_under_way(GetParam(), turn);
    const auto start = Clock::now();
    client.reset();
    spans.push_back(std::chrono::duration_cast<microseconds>(Clock::now() - start));
    EXPECT_EQ(describe(batch).state, OCTO_CLOSED);
  }
  expect_soon("octo_client_close", spans);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

// Runs the program that loads the library, unloads it and goes on; what it printed, and when it ended.
struct HostRun {
  std::string output;
  int status = -1;
  Clock::time_point ended;
};

HostRun run_unload_host(const std::vector<std::string> &arguments) {
  int output[2];
  HostRun run;
  if (::pipe(output) != 0) return run;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  ::posix_spawn_file_actions_addclose(&actions, output[0]);
  ::posix_spawn_file_actions_addclose(&actions, output[1]);
  std::vector<char *> raw;
  std::vector<std::string> words = arguments;
  for (std::string &word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  pid_t process = 0;
  const int error = ::posix_spawn(&process, raw[0], &actions, nullptr, raw.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  char buffer[256];
  ssize_t size = 0;
  while (error == 0 && (size = ::read(output[0], buffer, sizeof buffer)) > 0) {
    run.output.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(output[0]);
  if (error == 0) ::waitpid(process, &run.status, 0);
  run.ended = Clock::now();
  return run;
}

TEST_P(row_71, unloading_the_library_is_soon_over_and_the_process_goes_on) {
  std::vector<microseconds> unloads;
  std::vector<microseconds> exits;
  const std::string listener = GetParam().listener;
  const bool is_secure = listener == "https" || listener == "tls_stall";
  for (int turn = 0; turn < 3; ++turn) {
    const HostRun run =
        run_unload_host({OCTO_UNLOAD_HOST, OCTO_LIBRARY, origin_.url(listener), is_secure ? origin_.ca_file() : "",
                         GetParam().keys, std::to_string(GetParam().age_max.count() * turn / 3),
                         // It goes on for a while.
                         turn == 0 ? "1000" : "0"});
    ASSERT_TRUE(WIFEXITED(run.status)) << "signal " << WTERMSIG(run.status);
    EXPECT_EQ(WEXITSTATUS(run.status), 0) << run.output;
    std::istringstream numbers(run.output);
    std::int64_t unload_ns = 0;
    std::int64_t exit_at_ns = 0;
    numbers >> unload_ns >> exit_at_ns;
    ASSERT_FALSE(numbers.fail()) << run.output;
    unloads.push_back(std::chrono::duration_cast<microseconds>(std::chrono::nanoseconds(unload_ns)));
    const Clock::time_point exited{std::chrono::nanoseconds(exit_at_ns)};
    exits.push_back(std::chrono::duration_cast<microseconds>(run.ended - exited));
  }
  expect_soon("dlclose", unloads);
  expect_soon("exit after dlclose", exits);
}

INSTANTIATE_TEST_SUITE_P(faults_exit_test, row_71, testing::ValuesIn(kWorks),
                         [](const auto &work) { return std::string(work.param.name); });

}  // namespace
}  // namespace octo_test
