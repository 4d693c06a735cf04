// Overload: however much more comes than fits, what arrives in time is at least nine tenths of what could.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "sim_world.hpp"

namespace octo {
namespace {

constexpr Instant kStart = Instant(1000s);
constexpr Duration kWarmUp = 3s;

struct Load {
  std::uint32_t slots;
  double factor;  // of what fits
};

class Overload : public ::testing::TestWithParam<Load> {};

// Keys of the batches that were submitted in the window, and how many of them arrived.
struct Window {
  double offered = 0;
  double delivered = 0;
  double shed = 0;
};

Window count(const SimWorld &world, Instant from, Instant until) {
  Window window;
  for (const Served &batch : world.served) {
    if (batch.submitted_at < from || batch.submitted_at >= until) continue;
    window.offered += batch.keys;
    window.delivered += batch.delivered;
    window.shed += batch.shed;
  }
  return window;
}

TEST_P(Overload, delivers_nine_tenths_of_what_is_possible) {
  const auto [slots, factor] = GetParam();
  const LatencyModel model;
  const Traffic shape;
  const ClosedLoop loop = run_closed_loop(model, slots, shape.budget, 60s, 5);
  const Duration span = slots > 100 ? Duration(5s) : Duration(30s);
  Traffic traffic = shape;
  traffic.gap = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(traffic.keys / (factor * loop.keys_per_second)));
  ScheduleConfig config;
  config.slots_max = slots;
  config.queue_max = 100'000;
  SimWorld world(config, model, 42);
  const Instant end = kStart + kWarmUp + span;
  world.run({traffic}, end + traffic.budget);
  const Window window = count(world, kStart + kWarmUp, end);
  const double seconds = std::chrono::duration<double>(span).count();
  const double possible = std::min(window.offered * loop.share, loop.keys_per_second * seconds);
  const double share = window.delivered / possible;
  std::printf(
      "slots %u, load %.2f: offered %.0f/s, possible %.0f/s, delivered %.0f/s = %.1f %%, shed %.1f %%, "
      "connections opened %.1f %% of keys\n",
      slots, factor, window.offered / seconds, possible / seconds, window.delivered / seconds, 100 * share,
      100 * window.shed / window.offered,
      100.0 * static_cast<double>(world.transport.connections_opened) / window.delivered);
  EXPECT_GE(share, 0.9);
}

std::string load_name(const ::testing::TestParamInfo<Load> &info) {
  return "at_" + std::to_string(static_cast<int>(info.param.factor * 100)) + "_percent_with_" +
         std::to_string(info.param.slots) + "_slots";
}

INSTANTIATE_TEST_SUITE_P(Sim, Overload,
                         ::testing::Values(Load{64, 0.5}, Load{64, 1}, Load{64, 2}, Load{64, 4}, Load{512, 0.5},
                                           Load{512, 1}, Load{512, 2}, Load{512, 4}),
                         load_name);

}  // namespace
}  // namespace octo
