// Contained: a huge batch costs itself, not the small ones beside it.
#include <gtest/gtest.h>

#include <cstdio>

#include "sim_world.hpp"

namespace octo {
namespace {

constexpr Instant kStart = Instant(1000s);

struct Outcomes {
  double small_share = 0;
  double huge_share = 0;
};

Outcomes serve(bool with_huge, Duration small_budget) {
  Traffic small{"small", 10, small_budget, 20ms, kStart};
  Traffic huge{"huge", 16'384, 1200ms, 1100ms, kStart + 100ms};
  ScheduleConfig config;
  config.queue_max = 100'000;
  SimWorld world(config, LatencyModel{}, 9);
  std::vector<Traffic> traffics = {small};
  if (with_huge) traffics.push_back(huge);
  world.run(traffics, kStart + 10s + 1200ms);
  double keys[2] = {0, 0};
  double delivered[2] = {0, 0};
  for (const Served &batch : world.served) {
    if (batch.submitted_at < kStart + 1s || batch.submitted_at >= kStart + 10s) continue;
    const std::size_t kind = batch.keys == 10 ? 0 : 1;
    keys[kind] += batch.keys;
    delivered[kind] += batch.delivered;
  }
  return {delivered[0] / keys[0], keys[1] == 0 ? 0 : delivered[1] / keys[1]};
}

TEST(Fairness, claim_7_a_16384_key_batch_does_not_starve_10_key_batches) {
  for (const Duration budget : {300ms, 1200ms, 2500ms}) {
    const Outcomes alone = serve(false, budget);
    const Outcomes beside = serve(true, budget);
    std::printf("budget %lld ms: small alone %.1f %%, beside the huge ones %.1f %%, the huge ones %.1f %%\n",
                static_cast<long long>(budget / 1ms), 100 * alone.small_share, 100 * beside.small_share,
                100 * beside.huge_share);
    EXPECT_GE(beside.small_share, 0.95 * alone.small_share);
    EXPECT_GT(beside.huge_share, 0.02) << "it is served with what is left";
  }
}

}  // namespace
}  // namespace octo
