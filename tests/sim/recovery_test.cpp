// A brown-out leaves no trace: when the origin is itself again, so is the service, within one batch.
#include <gtest/gtest.h>

#include <cstdio>

#include "sim_world.hpp"

namespace octo {
namespace {

constexpr Instant kStart = Instant(1000s);
constexpr Instant kSlowFrom = kStart + 10s;
constexpr Instant kSlowUntil = kSlowFrom + 5s;
constexpr Instant kEnd = kSlowUntil + 15s;

struct Share {
  double offered = 0;
  double delivered = 0;
  double value() const { return offered == 0 ? 0 : delivered / offered; }
};

Share share_of(const SimWorld &world, Instant from, Instant until) {
  Share share;
  for (const Served &batch : world.served) {
    if (batch.submitted_at < from || batch.submitted_at >= until) continue;
    share.offered += batch.keys;
    share.delivered += batch.delivered;
  }
  return share;
}

// The batch that was submitted first when the origin was well again.
const Served &first_after(const SimWorld &world, Instant instant) {
  const Served *first = nullptr;
  for (const Served &batch : world.served) {
    if (batch.submitted_at >= instant && (first == nullptr || batch.submitted_at < first->submitted_at)) first = &batch;
  }
  return *first;
}

void run_brown_out(SimWorld &world, double factor) {
  const ClosedLoop loop = run_closed_loop(LatencyModel{}, world.config.slots_max, 1200ms, 60s, 5);
  Traffic traffic;
  traffic.gap = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(traffic.keys / (factor * loop.keys_per_second)));
  world.run({traffic}, kEnd + traffic.budget);
  std::printf(
      "load %.2f: before %.1f %%, during %.1f %%, first batch after %u of %u, first 1.2 s after %.1f %%, "
      "then %.1f %%\n",
      factor, 100 * share_of(world, kStart + 3s, kSlowFrom - 1200ms).value(),
      100 * share_of(world, kSlowFrom, kSlowUntil).value(), first_after(world, kSlowUntil).delivered,
      first_after(world, kSlowUntil).keys, 100 * share_of(world, kSlowUntil, kSlowUntil + 1200ms).value(),
      100 * share_of(world, kSlowUntil + 1200ms, kEnd).value());
}

LatencyModel brown_out() {
  LatencyModel model;
  model.slow_from = kSlowFrom;
  model.slow_until = kSlowUntil;
  return model;
}

TEST(Recovery, below_capacity_the_first_batch_after_a_brown_out_is_served_normally) {
  SimWorld world({}, brown_out(), 1);
  run_brown_out(world, 0.5);
  const double before = share_of(world, kStart + 3s, kSlowFrom - 1200ms).value();
  const Served &first = first_after(world, kSlowUntil);
  EXPECT_GE(first.delivered, 0.97 * before * first.keys);
  EXPECT_GE(share_of(world, kSlowUntil, kSlowUntil + 1200ms).value(), 0.97 * before);
  EXPECT_GE(share_of(world, kSlowUntil + 1200ms, kEnd).value(), 0.99 * before);
}

TEST(Recovery, above_capacity_as_much_arrives_after_a_brown_out_as_before) {
  for (const double factor : {1.0, 2.0, 4.0}) {
    SimWorld world({}, brown_out(), 2);
    run_brown_out(world, factor);
    const double before = share_of(world, kStart + 3s, kSlowFrom - 1200ms).value();
    // The batches of the first budget inherit slots that slow exchanges hold; those behind them inherit nothing.
    EXPECT_GE(share_of(world, kSlowUntil, kSlowUntil + 1200ms).value(), 0.75 * before) << factor;
    EXPECT_GE(share_of(world, kSlowUntil + 1200ms, kEnd).value(), 0.9 * before) << factor;
  }
}

TEST(Recovery, an_origin_that_answers_nothing_for_a_while_is_used_again_at_once) {
  LatencyModel model = brown_out();
  model.slow_factor = 1000;
  SimWorld world({}, model, 3);
  run_brown_out(world, 0.5);
  const double before = share_of(world, kStart + 3s, kSlowFrom - 1200ms).value();
  EXPECT_LT(share_of(world, kSlowFrom, kSlowUntil - 1200ms).value(), 0.2);
  const Served &first = first_after(world, kSlowUntil);
  EXPECT_GE(first.delivered, 0.95 * first.keys);
  EXPECT_GE(share_of(world, kSlowUntil, kSlowUntil + 1200ms).value(), 0.9 * before);
  EXPECT_GE(share_of(world, kSlowUntil + 1200ms, kEnd).value(), 0.99 * before);
}

}  // namespace
}  // namespace octo
