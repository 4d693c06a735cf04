// The limits a scheduler works under; fixed when the engine starts, except where a client's option is reloadable.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace octo {

struct ScheduleConfig {
  std::uint32_t slots_max = 64;      // connections.max
  std::uint32_t queue_max = 10'000;  // queue.max
  Duration next_address_after = 250ms;
  Duration orphan_time_max = 100ms;
  std::uint64_t orphan_bytes_max = 64u << 10;
  Duration addresses_fresh = 30s;
  Duration addresses_kept = 10min;
  // Exchanges started in one turn of the loop: one start costs tens of microseconds, a TLS one more, and what has
  // arrived meanwhile waits for its turn.
  std::uint32_t starts_per_turn = 8;
};

}  // namespace octo
