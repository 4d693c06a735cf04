// Percentiles and decay for service_time.hpp.
#include "resilience/service_time.hpp"

#include <algorithm>

namespace octo {
namespace {

// Sorting 256 samples costs some microseconds; an estimate this old or this far behind is made anew.
constexpr Duration kEstimateAgeMax = 20ms;
constexpr std::size_t kUnreadMax = 32;

template <typename Samples>
Duration percentile(const Samples &sorted, std::size_t count, std::size_t percent) noexcept {
  return count == 0 ? Duration{0} : sorted[(count - 1) * percent / 100].service;
}

// The product-limit estimate (Kaplan and Meier, 1958) of the p90: each exchange that ended takes its share of those that
// had not ended until then, and one that was cut leaves without taking any.
template <typename Samples>
Duration p90_of(const Samples &sorted, std::size_t count) noexcept {
  constexpr double kUnfinished = 0.1;
  double unfinished = 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (sorted[i].is_cut) continue;
    unfinished *= 1 - 1 / static_cast<double>(count - i);
    if (unfinished <= kUnfinished) return sorted[i].service;
  }
  return count == 0 ? Duration{0} : sorted[count - 1].service * 3 / 2;
}

}  // namespace

void ServiceTime::add(Duration service, Instant now) noexcept { note({service, now, false}); }

void ServiceTime::add_cut(Duration at_least, Instant now) noexcept { note({at_least, now, true}); }

void ServiceTime::note(const Sample &sample) noexcept {
  samples_[next_] = sample;
  next_ = (next_ + 1) % kSamplesMax;
  used_ = std::min(used_ + 1, kSamplesMax);
  ++unread_;
  newest_at_ = sample.at;
}

Duration ServiceTime::estimate(Instant now) noexcept {
  const bool is_due = unread_ >= kUnreadMax || (unread_ > 0 && now - estimated_at_ >= kEstimateAgeMax);
  if (is_due || (unread_ > 0 && estimate_ == Duration{0})) {
    Samples sorted{};
    estimate_ = p90_of(sorted, sort_fresh(now, true, sorted));
    estimated_at_ = now;
    unread_ = 0;
  }
  const auto halvings = used_ == 0 ? 0 : (now - newest_at_) / kHalfLife;
  return halvings >= 32 ? Duration{0} : estimate_ / (std::int64_t{1} << halvings);
}

ServicePercentiles ServiceTime::percentiles(Instant now) const noexcept {
  Samples sorted{};
  const std::size_t count = sort_fresh(now, false, sorted);
  return {percentile(sorted, count, 50), percentile(sorted, count, 90), percentile(sorted, count, 99)};
}

std::size_t ServiceTime::sort_fresh(Instant now, bool with_cut, Samples &sorted) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < used_; ++i) {
    const Sample &sample = samples_[i];
    if (now - sample.at <= kSampleAgeMax && (with_cut || !sample.is_cut)) sorted[count++] = sample;
  }
  std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Sample &a, const Sample &b) { return a.service < b.service; });
  return count;
}

}  // namespace octo
