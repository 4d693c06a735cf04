// Where the time of a request goes, in the order the phases follow each other; numbers as in octofetch.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octo {

enum class Phase : std::uint8_t {
  queued = 0,
  resolving = 1,
  connecting = 2,
  securing = 3,
  waiting = 4,
  receiving = 5,
};

inline constexpr std::size_t kPhaseCount = 6;

const char *phase_name(Phase phase) noexcept;

}  // namespace octo
