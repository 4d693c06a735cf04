// The order of bad batches, for worst_batches.hpp.
#include "batch/worst_batches.hpp"

#include <algorithm>
#include <utility>

namespace octo {
namespace {

std::uint64_t bad_count(const BatchSummary &summary) noexcept { return summary.late_count + summary.failed_count; }

bool is_worse(const BadBatch &left, const BadBatch &right) noexcept {
  // Shares compared without dividing; batches have at most some thousand requests.
  const std::uint64_t left_share = bad_count(left.summary) * right.summary.request_count;
  const std::uint64_t right_share = bad_count(right.summary) * left.summary.request_count;
  if (left_share != right_share) return left_share > right_share;
  if (left.summary.pickup_lag_us != right.summary.pickup_lag_us) {
    return left.summary.pickup_lag_us > right.summary.pickup_lag_us;
  }
  return left.frozen_at > right.frozen_at;
}

}  // namespace

bool WorstBatches::may_be_bad(const Batch &batch) noexcept {
  const Cause cause = batch.cause();
  if (cause == Cause::cancelled || cause == Cause::closed || batch.request_count() == 0) return false;
  const Outcome *last = batch.last_settled();
  // Warming asks for no object.
  return (last == nullptr || last->ok_total != batch.request_count()) && !batch.request(0).warms;
}

bool WorstBatches::is_bad(const BatchSummary &summary) noexcept {
  return (summary.state == Cause::complete || summary.state == Cause::deadline) && bad_count(summary) > 0;
}

// The first to go: the oldest where one is no longer fresh, else the least bad.
std::size_t WorstBatches::weakest(Instant now) const noexcept {
  const auto oldest = std::min_element(kept_.begin(), kept_.end(),
                                       [](const BadBatch &a, const BadBatch &b) { return a.frozen_at < b.frozen_at; });
  const auto found = now - oldest->frozen_at > kFresh ? oldest : std::max_element(kept_.begin(), kept_.end(), is_worse);
  return static_cast<std::size_t>(found - kept_.begin());
}

bool WorstBatches::has_room(const BadBatch &bad, Instant now) const noexcept {
  if (kept_.size() < kCountMax) return true;
  const BadBatch &first_to_go = kept_[weakest(now)];
  return now - first_to_go.frozen_at > kFresh || is_worse(bad, first_to_go);
}

void WorstBatches::add(BadBatch bad, Instant now) {
  if (!has_room(bad, now)) return;
  if (kept_.size() < kCountMax) {
    kept_.push_back(std::move(bad));
  } else {
    kept_[weakest(now)] = std::move(bad);
  }
}

std::vector<BadBatch> WorstBatches::sorted() const {
  std::vector<BadBatch> sorted = kept_;
  std::sort(sorted.begin(), sorted.end(), is_worse);
  return sorted;
}

}  // namespace octo
