// Instants and durations of the engine: nanoseconds on a monotonic clock, never bare integers.
#pragma once

#include <chrono>
#include <cstdint>

namespace octo {

using Duration = std::chrono::nanoseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;

// The epoch is the monotonic clock's; instants of different machines or boots do not compare.
struct EngineTime {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<EngineTime, Duration>;
};
using Instant = EngineTime::time_point;

inline constexpr Instant kNever = Instant::max();

// Saturates at kNever instead of overflowing.
constexpr Instant later_by(Instant instant, Duration span) noexcept {
  return span > kNever - instant ? kNever : instant + span;
}

constexpr std::uint64_t count_us(Duration span) noexcept {
  return span.count() <= 0 ? 0 : static_cast<std::uint64_t>(span.count()) / 1000;
}

}  // namespace octo
