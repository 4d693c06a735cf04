// What the scheduler tells of itself: the queue, the slots by phase, and the origin's addresses.
#include <gtest/gtest.h>

#include "schedule_fixture.hpp"

namespace octo {
namespace {

std::uint32_t in_phase(const ScheduleState &state, Phase phase) {
  return state.in_phase[static_cast<std::size_t>(phase)];
}

TEST(SchedulerState, slots_are_told_by_phase) {
  ScheduleConfig config;
  config.slots_max = 4;
  ScheduleWorld world(config);
  const Ref<Batch> batch = world.submit(6, 500ms);
  world.turn();
  EXPECT_EQ(in_phase(world.scheduler->state(), Phase::resolving), 4u);
  EXPECT_TRUE(world.scheduler->state().addresses.is_asking);
  EXPECT_EQ(world.scheduler->state().addresses.answered_at, Instant{});
  const Instant asked_at = world.clock.now();
  world.resolver.answer({"192.0.2.1"});
  world.turn();
  world.transport.connect(world.transport.exchange(0));
  world.transport.connect(world.transport.exchange(1));
  world.transport.receive(world.transport.exchange(1), 5);
  world.transport.securing(world.transport.exchange(2));
  world.turn_after(10ms);
  const ScheduleState state = world.scheduler->state();
  EXPECT_EQ(state.at, world.clock.now());
  EXPECT_EQ(state.queued, 2u);
  EXPECT_EQ(state.slots_busy, 4u);
  EXPECT_EQ(in_phase(state, Phase::queued), 0u);
  EXPECT_EQ(in_phase(state, Phase::resolving), 0u);
  EXPECT_EQ(in_phase(state, Phase::connecting), 1u);
  EXPECT_EQ(in_phase(state, Phase::securing), 1u);
  EXPECT_EQ(in_phase(state, Phase::waiting), 1u);
  EXPECT_EQ(in_phase(state, Phase::receiving), 1u);
  EXPECT_EQ(state.addresses.answered_at, asked_at);
  EXPECT_FALSE(state.addresses.is_asking);
  batch->freeze(Cause::cancelled);
  world.scheduler->release(*batch);
  world.expect_at_rest();
}

TEST(SchedulerState, an_orphan_is_told_beside_the_slots) {
  ScheduleWorld world;
  world.resolve();
  world.submit(1, 100ms);
  world.turn();
  world.transport.connect(world.transport.exchange(0));
  world.turn_after(100ms);
  const ScheduleState state = world.scheduler->state();
  EXPECT_EQ(state.orphans, 1u);
  EXPECT_EQ(state.slots_busy, 0u);
  EXPECT_EQ(in_phase(state, Phase::waiting), 0u);
}

TEST(SchedulerState, an_address_is_told_with_its_connections_and_its_failures) {
  ScheduleWorld world;
  world.resolve({"192.0.2.1"});
  for (int i = 0; i < 2; ++i) {
    const Ref<Batch> batch = world.submit(1, 500ms);
    world.turn();
    world.transport.end(*world.transport.started.back(), Status::connect_failed);
    world.turn();
  }
  const AddressState failing = world.scheduler->state().addresses.shown[0];
  EXPECT_STREQ(failing.text.data(), "192.0.2.1:80");
  EXPECT_EQ(failing.failures, 2u);
  EXPECT_GT(failing.set_aside_until, world.clock.now());
  const Ref<Batch> batch = world.submit(2, 500ms);
  world.turn();
  world.transport.connect(*world.transport.started[world.transport.started.size() - 2]);
  world.transport.connect(*world.transport.started.back());
  world.transport.finish(*world.transport.started.back());
  world.turn();
  const AddressesState state = world.scheduler->state().addresses;
  EXPECT_EQ(state.count, 1u);
  EXPECT_EQ(state.shown[0].failures, 0u);
  EXPECT_EQ(state.shown[0].set_aside_until, Instant{});
  EXPECT_EQ(state.shown[0].connections_open, 2u);
  EXPECT_EQ(state.shown[0].connections_idle, 1u);
}

TEST(SchedulerState, of_very_many_addresses_the_first_are_shown_and_all_counted) {
  ScheduleWorld world;
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("192.0.2." + std::to_string(i));
  names[0] = std::string(100, 'x');
  world.resolve(names);
  const AddressesState state = world.scheduler->state().addresses;
  EXPECT_EQ(state.count, 40u);
  EXPECT_EQ(std::string(state.shown[0].text.data()), std::string(63, 'x'));
  EXPECT_STREQ(state.shown[31].text.data(), "192.0.2.31:80");
}

TEST(SchedulerState, addresses_that_are_not_trusted_any_more_have_no_age) {
  ScheduleWorld world;
  world.resolve();
  world.scheduler->distrust();
  EXPECT_EQ(world.scheduler->state().addresses.answered_at, Instant{});
}

}  // namespace
}  // namespace octo
