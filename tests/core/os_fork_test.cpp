// A fork waits for visits to other libraries: for those that end in time, and no longer.
#include "base/os_fork.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/clock.hpp"
#include "base/os_futex.hpp"

namespace octo {
namespace {

// How long the fork took; the child ends at once, and says whether it may begin and end a visit.
Duration fork_once() {
  const Instant start = system_clock().now();
  const pid_t child = ::fork();
  if (child == 0) {
    { const LibraryVisit visit; }
    ::_exit(system_clock().now() - start < 500ms ? 0 : 1);
  }
  const Duration took = system_clock().now() - start;
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return took;
}

// A thread that visits until it is asked to pause, and comes back when it is let.
class Visitor {
 public:
  Visitor() {
    while (!is_inside_) std::this_thread::yield();
  }
  ~Visitor() {
    leave();
    thread_.join();
  }
  Visitor(const Visitor &) = delete;
  Visitor &operator=(const Visitor &) = delete;

  void leave() {
    word_ = 1;
    futex_wake_all(word_);
  }

 private:
  void run() {
    const LibraryVisit visit;
    is_inside_ = true;
    while (word_ == 0) futex_wait(word_, 0, kNever);
  }

  std::atomic<std::uint32_t> word_{0};
  std::atomic<bool> is_inside_{false};
  std::thread thread_{[this] { run(); }};
};

TEST(OsFork, row_69_a_fork_goes_on_beside_visits_that_do_not_end_and_is_counted) {
  await_visits_at_fork();
  const Visitor first;
  const Visitor second;
  const std::uint64_t before = forks_unawaited();
  EXPECT_GE(fork_once(), kForkPatience);
  EXPECT_EQ(forks_unawaited(), before + 1) << "once a fork, however many visit";
}

TEST(OsFork, row_69_a_fork_waits_for_a_visit_that_ends) {
  await_visits_at_fork();
  const std::uint64_t before = forks_unawaited();
  std::atomic<bool> has_forked{false};
  std::atomic<std::uint64_t> turns{0};
  // Like a loop that never rests, but lets a fork go first.
  std::thread visitor([&] {
    LibraryVisit visit;
    for (; !has_forked; ++turns) visit.resume();
  });
  while (turns < 1000) std::this_thread::yield();
  fork_once();
  EXPECT_EQ(forks_unawaited(), before);
  const std::uint64_t turns_then = turns;
  while (turns < turns_then + 1000) std::this_thread::yield();
  has_forked = true;
  visitor.join();
}

TEST(OsFork, row_69_a_fork_does_not_wait_for_visits_that_are_over_or_paused) {
  await_visits_at_fork();
  const std::uint64_t before = forks_unawaited();
  {
    Visitor visitor;
    visitor.leave();
  }
  LibraryVisit paused;
  paused.pause();
  fork_once();
  EXPECT_EQ(forks_unawaited(), before);
  paused.resume();
}

}  // namespace
}  // namespace octo
