// How long an exchange with this origin takes of late: the evidence behind "start only what can finish".
//
// A function of what was added and of now; it owns no clock. Only exchanges that ended count: one that was cut at its
// deadline says how patient the caller was, not how long the origin takes.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"

namespace octo {

struct ServicePercentiles {
  Duration p50{};
  Duration p90{};
  Duration p99{};
};

class ServiceTime {
 public:
  static constexpr std::size_t kSamplesMax = 256;
  static constexpr Duration kSampleAgeMax = 3s;
  // Without fresh samples the estimate halves in this span, so that a scheduler that starts nothing because of a high
  // estimate starts again, and gets evidence.
  static constexpr Duration kHalfLife = 500ms;

  void add(Duration service, Instant now) noexcept;
  // The p90 of the samples that are fresh, or what is left of the last one; 0 before the first sample.
  Duration estimate(Instant now) noexcept;
  ServicePercentiles percentiles(Instant now) const noexcept;

 private:
  struct Sample {
    Duration service{};
    Instant at{};
  };
  // Sorts the fresh samples into `sorted`; how many they are.
  std::size_t sort_fresh(Instant now, std::array<Duration, kSamplesMax> &sorted) const noexcept;

  std::array<Sample, kSamplesMax> samples_{};
  std::size_t used_ = 0;
  std::size_t next_ = 0;
  std::size_t unread_ = 0;  // samples added since the estimate was made
  Duration estimate_{};
  Instant estimated_at_{};
  Instant newest_at_{};
};

}  // namespace octo
