// Who tells the time: the monotonic clock of the system, or a test that owns time.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace octo {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back. Callable from any thread.
  virtual Instant now() const noexcept = 0;
};

// CLOCK_MONOTONIC; lives for ever.
const Clock &system_clock() noexcept;

// The date, for signatures alone: it jumps when somebody sets it.
class WallClock {
 public:
  virtual ~WallClock() = default;
  virtual std::chrono::sys_seconds now() const noexcept = 0;
};

// CLOCK_REALTIME; lives for ever.
const WallClock &system_wall_clock() noexcept;

// The largest of monotonic, boottime and realtime elapsed since an earlier reading, so that what a suspended host
// remembers counts as old. Reading it costs three clock calls: for ages of connections and lookups, not deadlines.
class AgeClock {
 public:
  struct Reading {
    Duration monotonic{};
    Duration boottime{};
    Duration realtime{};
  };
  static Reading read() noexcept;
  static Duration elapsed(const Reading &then, const Reading &now) noexcept;
};

}  // namespace octo
