// Which keys a timeline shows when there are more than fit.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "outcome.hpp"

namespace octo::cli {

struct TimelineRows {
  std::vector<std::size_t> shown;  // indices, in the order to draw them
  std::size_t hidden_count = 0;
  std::size_t hidden_failed_count = 0;
};

// All in their own order if they fit; else those that failed and then the slowest, in the order they ended.
TimelineRows choose_timeline_rows(std::span<const Outcome> outcomes, std::size_t rows_max);

}  // namespace octo::cli
