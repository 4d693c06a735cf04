// A host that runs out of descriptors, that storms with signals, or that lets SIGPIPE kill it: rows 60, 65, 66 and 70 of
// the fault catalogue.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <octofetch.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "capi/process_state.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000}, "paths": {"/slow/*": {"size": 3000, "delay_ms": 100},
                               "/never/*": {"fault": {"type": "stall_before_headers"}}}})";

void expect_complete(const Client &client, const std::string &prefix, std::size_t count = 40) {
  const auto keys = numbered_keys(prefix, count);
  std::string why;
  EXPECT_TRUE(all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why)) << why;
}

// -------------------------------------------------------------------------------------------------------- descriptors

// Leaves the process so many descriptors that are not in use, until it ends.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t unused) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit now = before_;
    now.rlim_cur = 0;
    for (rlim_t found = 0; found < unused; ++now.rlim_cur) {
      if (::fcntl(static_cast<int>(now.rlim_cur), F_GETFD) < 0) ++found;
    }
    while (::fcntl(static_cast<int>(now.rlim_cur), F_GETFD) >= 0) ++now.rlim_cur;
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit &) = delete;
  DescriptorLimit &operator=(const DescriptorLimit &) = delete;

 private:
  rlimit before_{};
};

bool is_libcurl_7() { return std::string(octo_build_information()).find("libcurl 7.") != std::string::npos; }

class row_60 : public testing::TestWithParam<const char *> {
 protected:
  row_60() : origin_(kScript) {
    if (std::string(GetParam()) == "https") options_["tls.ca_file"] = origin_.ca_file();
  }

  const OriginProcess origin_;
  OptionList options_;
};

TEST_P(row_60, what_gets_no_descriptor_says_local_resource_and_the_others_arrive) {
  const Baseline baseline;
  {
    const Client client = open_client(origin_.url(GetParam()), options_);
    // The engine stands, with one connection.
    expect_complete(client, "one", 1);
    std::vector<Result> got;
    {
      const DescriptorLimit limit(3);
      got = fetch(client, numbered_keys("slow/", 40), {kBudget_us});
    }
    const std::size_t ok = count_status(got, OCTO_OK);
    const std::size_t refused = count_status(got, OCTO_LOCAL_RESOURCE);
    EXPECT_GE(ok, 1U);
    EXPECT_GE(refused, 1U);
    EXPECT_EQ(ok + refused, 40U) << octo_status_name(got.back().status) << ": " << got.back().message;
    expect_complete(client, "after");
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_P(row_60, an_engine_that_cannot_start_says_local_resource_and_starts_with_the_next_batch) {
  const Baseline baseline;
  {
    // Every number of descriptors that is too small for the start, until it is enough.
    for (rlim_t unused = 0; unused < 8; ++unused) {
      const Client client = open_client(origin_.url(GetParam()), options_);
      {
        const DescriptorLimit limit(unused);
        for (const Result &result : fetch(client, numbered_keys("key", 5), {kBudget_us})) {
          EXPECT_TRUE(result.status == OCTO_LOCAL_RESOURCE || result.status == OCTO_OK)
              << unused << " descriptors: " << octo_status_name(result.status) << ": " << result.message;
        }
      }
      expect_complete(client, "after");
      EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
    }
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_P(row_60, a_dirty_connection_gives_its_descriptor_to_the_one_that_replaces_it) {
  const Client client = open_client(origin_.url(GetParam()), options_);
  origin_.put_script(
      R"({"default": {"size": 3000, "delay_ms": 50, "fault": {"type": "stray", "where": "while_idle", "after_ms": 300}}})");
  expect_complete(client, "dirty", 8);
  std::this_thread::sleep_for(500ms);
  const std::size_t dirty = stats(client).connections_idle;
  ASSERT_GE(dirty, 1U);
  const std::uint64_t opened = stats(client).connections_opened;
  origin_.put_script(kScript);
  {
    // A newer libcurl says goodbye over TLS in the background, and keeps the descriptor for that long.
    const bool lingers = GetParam() == std::string("https") && !is_libcurl_7();
    const DescriptorLimit limit(lingers ? dirty : 0);
    expect_complete(client, "key", dirty);
    // Refused by the guard, or before that by a libcurl that looks itself.
    EXPECT_GT(stats(client).connections_opened, opened);
  }
  expect_complete(client, "after");
}

// The first loop of a process needs more, and libuv aborts where it does not get it: ctest runs each of these in a
// process of its own.
class row_60_first : public testing::TestWithParam<int> {};

TEST_P(row_60_first, engine_of_a_process_with_few_descriptors_says_local_resource_and_starts_with_the_next_batch) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  {
    const DescriptorLimit limit(static_cast<rlim_t>(GetParam()));
    for (const Result &result : fetch(client, numbered_keys("key", 5), {kBudget_us})) {
      EXPECT_TRUE(result.status == OCTO_LOCAL_RESOURCE || result.status == OCTO_OK)
          << octo_status_name(result.status) << ": " << result.message;
    }
  }
  expect_complete(client, "after");
}

INSTANTIATE_TEST_SUITE_P(faults_process_test, row_60_first, testing::Range(0, 12));

INSTANTIATE_TEST_SUITE_P(faults_process_test, row_60, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });

// ------------------------------------------------------------------------------------------------------------ signals

std::atomic<std::uint64_t> signals_handled{0};
void count_signal(int) { signals_handled.fetch_add(1, std::memory_order_relaxed); }

// Three kinds of signals, as fast as they are handled, for a thread and for the process. Calls are not restarted.
class SignalStorm {
 public:
  explicit SignalStorm(pthread_t target) : target_(target) {
    struct sigaction action {};
    action.sa_handler = count_signal;
    for (const int signal : kSignals) ::sigaction(signal, &action, &before_[signal]);
    const itimerval every{{0, 1000}, {0, 1000}};
    ::setitimer(ITIMER_PROF, &every, nullptr);
    thread_ = std::thread([this] { run(); });
  }
  ~SignalStorm() {
    is_over_ = true;
    thread_.join();
    const itimerval never{};
    ::setitimer(ITIMER_PROF, &never, nullptr);
    for (const int signal : kSignals) ::sigaction(signal, &before_[signal], nullptr);
  }
  SignalStorm(const SignalStorm &) = delete;
  SignalStorm &operator=(const SignalStorm &) = delete;

 private:
  static constexpr int kSignals[] = {SIGPROF, SIGCHLD, SIGTERM};

  void run() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    while (!is_over_) {
      for (const int signal : kSignals) ::pthread_kill(target_, signal);
      ::kill(::getpid(), SIGCHLD);
      ::usleep(200);
    }
  }

  const pthread_t target_;
  struct sigaction before_[NSIG] {};
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

TEST(faults_process_test, row_65_a_storm_of_signals_neither_ends_nor_extends_a_wait) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  expect_complete(client, "before");
  signals_handled = 0;
  {
    const SignalStorm storm(::pthread_self());
    for (int i = 0; i < 10; ++i) {
      Batch batch;
      const auto took = elapsed([&] {
        batch = submit(client, numbered_keys("never/", 5), {200'000});
        EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
      });
      EXPECT_GE(took, 200ms);
      EXPECT_LT(took, 1000ms);
      EXPECT_EQ(describe(batch).state, OCTO_DEADLINE);
      std::size_t index = 0;
      const Batch other = submit(client, numbered_keys("never/", 5), {10'000'000});
      const auto stepped = elapsed([&] { EXPECT_EQ(octo_batch_next(other.get(), 100'000, &index), OCTO_AGAIN); });
      EXPECT_GE(stepped, 99ms);
      EXPECT_LT(stepped, 1000ms);
    }
    for (int i = 0; i < 20; ++i) expect_complete(client, "during" + std::to_string(i) + "/");
    EXPECT_EQ(octo_client_drain(client.get(), 10'000), OCTO_OK);
  }
  EXPECT_GT(signals_handled, 1000U);
}

TEST(faults_process_test, row_65_no_thread_of_the_library_takes_a_signal) {
  const OriginProcess origin(kScript);
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  const Client client = open_client("http://localhost:" + std::to_string(origin.port("http")));
  const Batch batch = submit(client, {"never/1"}, {10'000'000, raw});
  while (threads_named("octo-io") == 0 || threads_named("octo-clock") == 0) std::this_thread::yield();
  // All but SIGILL 4, SIGBUS 7, SIGFPE 8, SIGKILL 9, SIGSEGV 11, SIGSTOP 19 and the two of the C library, 32 and 33. A
  // thread that is just starting or ending blocks those as well for a moment.
  constexpr unsigned long long kOpen =
      (1ULL << 3) | (1ULL << 6) | (1ULL << 7) | (1ULL << 8) | (1ULL << 10) | (1ULL << 18) | (1ULL << 31) | (1ULL << 32);
  for (const std::string &blocked : thread_fields("octo-", "SigBlk")) {
    EXPECT_EQ(std::stoull(blocked, nullptr, 16) | kOpen, ~0ULL) << blocked;
  }
}

TEST(faults_process_test, row_66_broken_connections_do_not_kill_a_host_with_the_default_sigpipe) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ASSERT_EQ(::sigaction(SIGPIPE, &action, nullptr), 0);
  sigset_t pipe_alone;
  ::sigemptyset(&pipe_alone);
  ::sigaddset(&pipe_alone, SIGPIPE);
  ASSERT_EQ(::pthread_sigmask(SIG_UNBLOCK, &pipe_alone, nullptr), 0);
  for (const std::string listener : {"http", "https"}) {
    const OriginProcess origin(kScript);
    OptionList options;
    if (listener == "https") options["tls.ca_file"] = origin.ca_file();
    const Client client = open_client(origin.url(listener), options);
    for (const std::string kind : {"fin", "rst", "close_notify"}) {
      origin.put_script(R"({"default": {"size": 3000, "fault": {"type": "stray", "where": "while_idle", "kind": ")" +
                        kind + R"(", "after_ms": 0}}})");
      for (int i = 0; i < 10; ++i) expect_complete(client, kind + std::to_string(i) + "/");
    }
    origin.put_script(R"({"default": {"size": 3000, "fault": {"type": "reset", "at": "request"}}})");
    fetch(client, numbered_keys("reset", 40), {kBudget_us});
    origin.put_script(kScript);
    // Closing and cancelling write too, over TLS.
    const Batch cut = submit(client, numbered_keys("slow/", 40), {kBudget_us});
    std::this_thread::sleep_for(20ms);
    origin.control("POST", "/drop");
    octo_batch_cancel(cut.get());
    expect_complete(client, "after");
  }
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

TEST(faults_process_test, row_70_no_descriptor_of_the_library_passes_into_a_program_that_the_host_runs) {
  const OriginProcess origin(kScript);
  std::set<int> before;
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) before.insert(fd);
  }
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  const Client client =
      open_client("https://localhost:" + std::to_string(origin.port("https")), {{"tls.ca_file", origin.ca_file()}});
  expect_complete(client, "slow/", 20);
  std::size_t ours = 0;
  std::size_t inherited = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || before.contains(fd)) continue;
    ++ours;
    if ((flags & FD_CLOEXEC) != 0) continue;
    ++inherited;
    // A pair that libcurl before 8.10 makes for itself, once a multi, and asks nobody about. It carries nothing.
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr *>(&name), &size), 0) << "descriptor " << fd;
    EXPECT_EQ(name.ss_family, AF_UNIX) << "descriptor " << fd;
  }
  EXPECT_GE(ours, 5U);
  EXPECT_LE(inherited, 2U);
}

}  // namespace
}  // namespace octo_test
