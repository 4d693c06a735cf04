// Percentiles and decay for service_time.hpp.
#include "resilience/service_time.hpp"

#include <algorithm>

namespace octo {
namespace {

// Sorting 256 samples costs some microseconds; an estimate this old or this far behind is made anew.
constexpr Duration kEstimateAgeMax = 20ms;
constexpr std::size_t kUnreadMax = 32;

Duration percentile(const std::array<Duration, ServiceTime::kSamplesMax> &sorted, std::size_t count,
                    std::size_t percent) noexcept {
  return count == 0 ? Duration{0} : sorted[(count - 1) * percent / 100];
}

}  // namespace

void ServiceTime::add(Duration service, Instant now) noexcept {
  samples_[next_] = {service, now};
  next_ = (next_ + 1) % kSamplesMax;
  used_ = std::min(used_ + 1, kSamplesMax);
  ++unread_;
  newest_at_ = now;
}

Duration ServiceTime::estimate(Instant now) noexcept {
  const bool is_due = unread_ >= kUnreadMax || (unread_ > 0 && now - estimated_at_ >= kEstimateAgeMax);
  if (is_due || (unread_ > 0 && estimate_ == Duration{0})) {
    std::array<Duration, kSamplesMax> sorted{};
    const std::size_t count = sort_fresh(now, sorted);
    estimate_ = percentile(sorted, count, 90);
    estimated_at_ = now;
    unread_ = 0;
  }
  const auto halvings = used_ == 0 ? 0 : (now - newest_at_) / kHalfLife;
  return halvings >= 32 ? Duration{0} : estimate_ / (std::int64_t{1} << halvings);
}

ServicePercentiles ServiceTime::percentiles(Instant now) const noexcept {
  std::array<Duration, kSamplesMax> sorted{};
  const std::size_t count = sort_fresh(now, sorted);
  return {percentile(sorted, count, 50), percentile(sorted, count, 90), percentile(sorted, count, 99)};
}

std::size_t ServiceTime::sort_fresh(Instant now, std::array<Duration, kSamplesMax> &sorted) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < used_; ++i) {
    if (now - samples_[i].at <= kSampleAgeMax) sorted[count++] = samples_[i].service;
  }
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

}  // namespace octo
