// The choice of timeline_rows.hpp.
#include "timeline_rows.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace octo::cli {

TimelineRows choose_timeline_rows(std::span<const Outcome> outcomes, std::size_t rows_max) {
  TimelineRows rows;
  rows.shown.resize(outcomes.size());
  std::iota(rows.shown.begin(), rows.shown.end(), std::size_t{0});
  if (outcomes.size() <= rows_max) return rows;

  const auto end_of = [&](std::size_t index) { return outcomes[index].result.settled_us; };
  std::sort(rows.shown.begin(), rows.shown.end(), [&](std::size_t a, std::size_t b) {
    const bool a_failed = !outcomes[a].is_ok();
    const bool b_failed = !outcomes[b].is_ok();
    if (a_failed != b_failed) return a_failed;
    return std::tuple(end_of(b), a) < std::tuple(end_of(a), b);
  });
  const auto first_hidden = rows.shown.begin() + static_cast<std::ptrdiff_t>(rows_max);
  rows.hidden_count = outcomes.size() - rows_max;
  rows.hidden_failed_count = static_cast<std::size_t>(
      std::count_if(first_hidden, rows.shown.end(), [&](std::size_t index) { return !outcomes[index].is_ok(); }));
  rows.shown.erase(first_hidden, rows.shown.end());
  std::sort(rows.shown.begin(), rows.shown.end(),
            [&](std::size_t a, std::size_t b) { return std::tuple(end_of(a), a) < std::tuple(end_of(b), b); });
  return rows;
}

}  // namespace octo::cli
