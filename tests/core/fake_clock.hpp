// Time that a test owns: it stands still until it is set or moved on.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace octo {

// Settable from any thread. Starts at 1000 s, so that spans before the start stay positive instants.
class FakeClock final : public Clock {
 public:
  Instant now() const noexcept override { return Instant(Duration(now_ns_.load(std::memory_order_acquire))); }
  void set(Instant instant) noexcept { now_ns_.store(instant.time_since_epoch().count(), std::memory_order_release); }
  void advance(Duration span) noexcept { now_ns_.fetch_add(span.count(), std::memory_order_acq_rel); }

 private:
  std::atomic<std::int64_t> now_ns_{Duration(1000s).count()};
};

}  // namespace octo
