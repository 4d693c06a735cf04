// Sorting and picking for samples.hpp.
#include "deadline/samples.hpp"

#include <algorithm>

namespace octo_bench {
namespace {

constexpr std::int64_t kOneMs = 1'000'000;

// The smallest sample that at least `share` of all do not exceed.
double at_share(const std::vector<std::int64_t> &sorted, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(rank, sorted.size() - 1)]) / 1000;
}

}  // namespace

Percentiles Samples::percentiles() const {
  if (spans_ns_.empty()) return {};
  std::vector<std::int64_t> sorted = spans_ns_;
  std::sort(sorted.begin(), sorted.end());
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), kOneMs);
  Percentiles answer;
  answer.p50_us = at_share(sorted, 0.5);
  answer.p99_us = at_share(sorted, 0.99);
  answer.p999_us = at_share(sorted, 0.999);
  answer.max_us = static_cast<double>(sorted.back()) / 1000;
  answer.above_1ms_share = static_cast<double>(above) / static_cast<double>(sorted.size());
  return answer;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace octo_bench
