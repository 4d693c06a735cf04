// What a caller may ask of an engine while it works, for engine.hpp: nothing here waits for the I/O thread.
#include <new>
#include <utility>

#include "base/clock.hpp"
#include "batch/explain.hpp"
#include "client/engine.hpp"

namespace octo {
namespace {

// Of the batches that the host keeps, so many are looked at, and so many explained.
constexpr std::size_t kKeptLookedAtMax = 4096;
constexpr std::size_t kSuspectsMax = 64;

BadBatch bad_batch(Batch &batch, const BatchSummary &summary) {
  return {batch.frozen_at(), summary, explain_line(batch)};
}

}  // namespace

// When its owner gives a batch up: not at its freeze, which has no time for it, and while it can be read still.
void Engine::note_worst(Batch &batch) noexcept {
  if (!WorstBatches::may_be_bad(batch)) return;
  const BatchSummary summary = summarize(batch);
  if (!WorstBatches::is_bad(summary)) return;
  const Instant now = system_clock().now();
  try {
    {
      const std::lock_guard lock(worst_mutex_);
      if (!worst_.has_room({batch.frozen_at(), summary, {}}, now)) return;
    }
    BadBatch bad = bad_batch(batch, summary);
    const std::lock_guard lock(worst_mutex_);
    worst_.add(std::move(bad), now);
  } catch (const std::bad_alloc &) {
    // Not remembered.
  }
}

std::vector<BadBatch> Engine::worst_batches(Instant now) {
  WorstBatches worst;
  {
    const std::lock_guard lock(worst_mutex_);
    worst = worst_;
  }
  for (const Ref<Batch> &batch : kept_suspects(now)) {
    const BatchSummary summary = summarize(*batch);
    if (WorstBatches::is_bad(summary)) worst.add(bad_batch(*batch, summary), now);
  }
  return worst.sorted();
}

// Under the lock nothing but a look at each, because submitting waits for it.
std::vector<Ref<Batch>> Engine::kept_suspects(Instant now) {
  std::vector<Ref<Batch>> suspects;
  suspects.reserve(kSuspectsMax);
  const std::lock_guard lock(mutex_);
  std::size_t looked_at = 0;
  for (Admission *live = live_; live != nullptr && looked_at < kKeptLookedAtMax; live = live->next_live, ++looked_at) {
    const bool is_over = live->batch->cause() != Cause::open || live->batch->deadline() <= now;
    if (is_over && WorstBatches::may_be_bad(*live->batch)) suspects.push_back(Ref<Batch>::share(live->batch));
    if (suspects.size() == kSuspectsMax) break;
  }
  return suspects;
}

}  // namespace octo
