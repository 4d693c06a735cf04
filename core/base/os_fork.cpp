// Counting visits and forks, for os_fork.hpp.
#include "base/os_fork.hpp"

#include <pthread.h>

#include <atomic>
#include <utility>

#include "base/clock.hpp"
#include "base/os_futex.hpp"
#include "base/os_generation.hpp"

namespace octo {
namespace {

// A fork whose last handler never comes, because one of the host's threw, may not stop the library for ever.
constexpr Duration kForkMax = 1s;

std::atomic<std::uint32_t> visits{0};  // futex
std::atomic<std::uint32_t> forks{0};   // futex: under way
std::atomic<std::uint64_t> unawaited{0};
std::atomic<bool> is_parent{false};

void leave() noexcept {
  visits.fetch_sub(1, std::memory_order_seq_cst);
  if (forks.load(std::memory_order_seq_cst) != 0) futex_wake_all(visits);
}

void before_fork() noexcept {
  forks.fetch_add(1, std::memory_order_seq_cst);
  const Instant until = system_clock().now() + kForkPatience;
  while (true) {
    const std::uint32_t count = visits.load(std::memory_order_seq_cst);
    if (count == 0) return;
    if (system_clock().now() >= until) break;
    futex_wait(visits, count, until);
  }
  unawaited.fetch_add(1, std::memory_order_relaxed);
}

void after_fork_in_parent() noexcept {
  is_parent.store(true, std::memory_order_relaxed);
  forks.fetch_sub(1, std::memory_order_seq_cst);
  futex_wake_all(forks);
}

// While the child has one thread: its generation forgets what was its parent's.
void after_fork_in_child() noexcept { static_cast<void>(process_generation()); }

}  // namespace

void await_visits_at_fork() noexcept {
  // Maps the page that the child's handler reads, and registers before it what stands in for that page.
  static_cast<void>(process_generation());
  static const int registered = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(registered);
}

std::uint64_t forks_unawaited() noexcept { return unawaited.load(std::memory_order_relaxed); }

bool has_forked() noexcept { return is_parent.load(std::memory_order_relaxed); }

void forget_visits() noexcept {
  visits.store(0, std::memory_order_relaxed);
  forks.store(0, std::memory_order_relaxed);
}

void LibraryVisit::pause() noexcept {
  if (std::exchange(is_inside_, false)) leave();
}

void LibraryVisit::resume() noexcept {
  if (is_inside_ && forks.load(std::memory_order_relaxed) == 0) return;
  pause();
  Instant until = kNever;
  while (true) {
    visits.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t count = forks.load(std::memory_order_seq_cst);
    if (count == 0) break;
    const Instant now = system_clock().now();
    if (until == kNever) until = now + kForkMax;
    if (now >= until) break;
    leave();
    futex_wait(forks, count, until);
  }
  is_inside_ = true;
}

}  // namespace octo
