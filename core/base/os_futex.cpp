// The Linux futex behind os_futex.hpp. Elsewhere a bounded sleep stands in for it.
#include "base/os_futex.hpp"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <climits>
#include <ctime>

#include "base/clock.hpp"

namespace octo {
namespace {

timespec to_timespec(Duration span) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((span - seconds).count())};
}

}  // namespace

#if defined(__linux__)

static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex is 32 bits wide");

void futex_wait(const std::atomic<std::uint32_t> &word, std::uint32_t expected, Instant until) noexcept {
  // FUTEX_WAIT_BITSET takes an absolute instant on CLOCK_MONOTONIC; plain FUTEX_WAIT a span, which EINTR would stretch.
  timespec spec{};
  if (until != kNever) spec = to_timespec(until.time_since_epoch());
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected, until == kNever ? nullptr : &spec, nullptr,
            FUTEX_BITSET_MATCH_ANY);
}

void futex_wake_all(const std::atomic<std::uint32_t> &word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

#else

void futex_wait(const std::atomic<std::uint32_t> &word, std::uint32_t expected, Instant until) noexcept {
  // Polls each half millisecond: slower to wake, equal in meaning.
  if (word.load(std::memory_order_acquire) != expected) return;
  const Duration left = until - system_clock().now();
  const timespec spec = to_timespec(left < 500us ? (left < 0ns ? 0ns : left) : 500us);
  ::nanosleep(&spec, nullptr);
}

void futex_wake_all(const std::atomic<std::uint32_t> &) noexcept {}

#endif

}  // namespace octo
