// The clocks of Linux behind clock.hpp.
#include <time.h>

#include <algorithm>
#include <new>

#include "base/clock.hpp"

namespace octo {
namespace {

Duration read_clock(clockid_t id) noexcept {
  timespec spec{};
  ::clock_gettime(id, &spec);
  return std::chrono::seconds(spec.tv_sec) + std::chrono::nanoseconds(spec.tv_nsec);
}

class MonotonicClock final : public Clock {
 public:
  Instant now() const noexcept override { return Instant(read_clock(CLOCK_MONOTONIC)); }
};

class RealtimeClock final : public WallClock {
 public:
  std::chrono::sys_seconds now() const noexcept override {
    return std::chrono::sys_seconds(std::chrono::duration_cast<std::chrono::seconds>(read_clock(CLOCK_REALTIME)));
  }
};

// Never destroyed: a thread may ask for the time while the process exits.
template <typename Kind>
const Kind &immortal() noexcept {
  alignas(Kind) static unsigned char storage[sizeof(Kind)];
  static const Kind *const clock = new (storage) Kind;
  return *clock;
}

}  // namespace

const Clock &system_clock() noexcept { return immortal<MonotonicClock>(); }

const WallClock &system_wall_clock() noexcept { return immortal<RealtimeClock>(); }

AgeClock::Reading AgeClock::read() noexcept {
  return {read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_BOOTTIME), read_clock(CLOCK_REALTIME)};
}

Duration AgeClock::elapsed(const Reading &then, const Reading &now) noexcept {
  return std::max({now.monotonic - then.monotonic, now.boottime - then.boottime, now.realtime - then.realtime});
}

}  // namespace octo
