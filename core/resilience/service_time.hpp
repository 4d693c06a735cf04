// How long an exchange with this origin takes of late: the evidence behind "start only what can finish".
//
// A function of what was added and of now; it owns no clock. An exchange that was cut says that it would have taken
// longer than that. Were it left out, the rest would look quick: under overload each flight starts with just the
// estimate left, those that take longer are cut, and an estimate of those that remain shrinks from window to window.
// (Simulated, 512 slots, four times what fits: 73 % of the possible keys with such an estimate.)
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
  // Of an exchange that was cut when it had taken this long.
  void add_cut(Duration at_least, Instant now) noexcept;
  // The p90 of the samples that are fresh, or what is left of the last one; 0 before the first sample. Where too many
  // were cut to know it, it is taken to lie behind the longest of them.
  Duration estimate(Instant now) noexcept;
  // Of the exchanges that ended.
  ServicePercentiles percentiles(Instant now) const noexcept;

 private:
  struct Sample {
    Duration service{};
    Instant at{};
    bool is_cut = false;
  };
  using Samples = std::array<Sample, kSamplesMax>;
  void note(const Sample &sample) noexcept;
  // Sorts the fresh samples into `sorted`; how many they are.
  std::size_t sort_fresh(Instant now, bool with_cut, Samples &sorted) const noexcept;

  Samples samples_{};
  std::size_t used_ = 0;
  std::size_t next_ = 0;
  std::size_t unread_ = 0;  // samples added since the estimate was made
  Duration estimate_{};
  Instant estimated_at_{};
  Instant newest_at_{};
};

}  // namespace octo
