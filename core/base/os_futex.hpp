// Waiting on a 32-bit word until an instant, without sharing a mutex with whoever changes the word.
//
// A condition variable would re-acquire its mutex before it returns, so a thread that holds the mutex could delay a
// deadline. A futex does not.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace octo {

// Returns when the word differs from `expected`, when it is woken, at `until` (on CLOCK_MONOTONIC), or for no
// reason at all: the caller looks again.
void futex_wait(const std::atomic<std::uint32_t> &word, std::uint32_t expected, Instant until) noexcept;

void futex_wake_all(const std::atomic<std::uint32_t> &word) noexcept;

}  // namespace octo
