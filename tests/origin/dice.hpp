// Random draws that depend on the script's seed, the path and which request of that path it is, not on the order in which
// requests of different paths arrive: a schedule of faults repeats exactly however the client spreads its requests.
#pragma once

#include <cmath>
#include <cstdint>

#include "pattern.h"

namespace octo::origin {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t path_seed, std::uint64_t nth_request)
      : state_(octo_pattern_block(seed) ^ octo_pattern_block(path_seed + nth_request)) {}

  // Uniform in [0, 1).
  double share() {
    state_ = octo_pattern_block(state_);
    return static_cast<double>(state_ >> 11) * 0x1.0p-53;
  }

  double between(double low, double high) { return low + share() * (high - low); }

  // Standard normal, by Box and Muller.
  double normal() {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - share()));
    return radius * std::cos(kTwoPi * share());
  }

 private:
  std::uint64_t state_;
};

}  // namespace octo::origin
