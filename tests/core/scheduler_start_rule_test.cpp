// The start rule: a flight that cannot finish in time gives way to one that can, and to nobody else.
#include <gtest/gtest.h>

#include "schedule_fixture.hpp"

namespace octo {
namespace {

ScheduleConfig with_slots(std::uint32_t slots) {
  ScheduleConfig config;
  config.slots_max = slots;
  return config;
}

TEST(StartRule, a_request_that_cannot_finish_is_shed_when_another_could) {
  ScheduleWorld world(with_slots(1));
  world.resolve();
  world.observe(100ms);
  const Ref<Batch> holds = world.submit(1, 1s);
  world.turn();
  const Ref<Batch> hopeless = world.submit(3, 90ms);
  const Ref<Batch> hopeful = world.submit(2, 400ms);
  world.finish_all();
  world.turn();
  ASSERT_NE(hopeless->outcome(0), nullptr);
  EXPECT_EQ(hopeless->outcome(0)->status, Status::shed);
  EXPECT_EQ(hopeless->outcome(0)->phase, Phase::queued);
  EXPECT_NE(hopeless->outcome(0)->message.find("longer"), std::string::npos);
  EXPECT_EQ(hopeless->cause(), Cause::complete) << "they are told at once";
  EXPECT_EQ(world.transport.running_count(), 1u);
  EXPECT_EQ(world.counters.requests_shed.value(), 3u);
  while (hopeful->cause() == Cause::open) {
    world.finish_all();
    world.turn();
  }
  world.expect_at_rest();
}

TEST(StartRule, a_request_that_cannot_finish_starts_when_nobody_else_wants_the_slot) {
  ScheduleWorld world(with_slots(4));
  world.resolve();
  world.observe(10s);
  const Ref<Batch> batch = world.submit(3, 90ms);
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 3u);
  world.finish_all();
  EXPECT_EQ(world.counters.requests_shed.value(), 0u);
  EXPECT_EQ(batch->cause(), Cause::complete);
}

TEST(StartRule, requests_that_all_cannot_finish_start_all_the_same) {
  ScheduleWorld world(with_slots(2));
  world.resolve();
  world.observe(10s);
  const Ref<Batch> batch = world.submit(10, 90ms);
  const Ref<Batch> other = world.submit(10, 80ms);
  while (batch->cause() == Cause::open || other->cause() == Cause::open) {
    world.turn();
    ASSERT_GT(world.transport.running_count(), 0u) << "an estimate must not starve itself of evidence";
    world.finish_all();
  }
  EXPECT_EQ(world.counters.requests_shed.value(), 0u);
  EXPECT_EQ(world.counters.requests_ok.value(), 20u);
}

TEST(StartRule, free_slots_for_all_start_all) {
  ScheduleWorld world(with_slots(8));
  world.resolve();
  world.observe(100ms);
  const Ref<Batch> hopeless = world.submit(3, 50ms);
  const Ref<Batch> hopeful = world.submit(5, 500ms);
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 8u);
  EXPECT_EQ(world.counters.requests_shed.value(), 0u);
}

TEST(StartRule, a_connect_counts_where_no_idle_connection_is) {
  ScheduleWorld world(with_slots(1));
  world.resolve();
  world.observe(50ms);
  for (int i = 0; i < 40; ++i) world.connect_time.add(40ms, world.clock.now());
  const Ref<Batch> tight = world.submit(1, 80ms);
  const Ref<Batch> wide = world.submit(1, 500ms);
  world.turn();
  ASSERT_NE(tight->outcome(0), nullptr) << "50 ms and a connect of 40 ms do not fit in 80 ms";
  EXPECT_EQ(tight->outcome(0)->status, Status::shed);
  world.finish_all();
  ASSERT_EQ(world.transport.connections_idle(), 1u);
  const Ref<Batch> again = world.submit(1, 80ms);
  const Ref<Batch> beside = world.submit(1, 500ms);
  world.turn();
  EXPECT_EQ(again->outcome(0), nullptr) << "over the idle connection it fits";
  EXPECT_EQ(world.transport.running_count(), 1u);
}

TEST(StartRule, the_estimate_comes_from_exchanges_that_ended) {
  ScheduleWorld world(with_slots(2));
  world.resolve();
  const Ref<Batch> batch = world.submit(2, 500ms);
  world.turn();
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(0)));
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(1)));
  world.clock.advance(70ms);
  world.transport.finish(world.transport.exchange(0));
  world.turn();
  EXPECT_EQ(world.counters.estimate_us.value(), 70'000u);
  world.clock.advance(430ms);
  world.turn();
  world.turn_after(world.config.orphan_time_max);
  EXPECT_EQ(world.service_time.percentiles(world.clock.now()).p99, 70ms) << "one that was cut has no length";
}

TEST(StartRule, exchanges_that_are_cut_raise_the_estimate) {
  ScheduleWorld world(with_slots(8));
  world.resolve();
  world.observe(20ms);
  world.submit(8, 200ms);
  world.turn();
  for (std::size_t i = 0; i < 8; ++i) ASSERT_TRUE(world.transport.connect(world.transport.exchange(i)));
  world.turn_after(200ms);
  world.turn_after(world.config.orphan_time_max);
  EXPECT_EQ(world.counters.estimate_us.value(), 450'000u) << "more than a tenth took 300 ms at least";
}

TEST(StartRule, an_exchange_that_never_connected_says_nothing_about_the_service) {
  ScheduleWorld world(with_slots(8));
  world.resolve();
  world.observe(20ms);
  world.submit(8, 200ms);
  world.turn();
  world.turn_after(200ms);
  world.turn_after(world.config.orphan_time_max);
  EXPECT_EQ(world.service_time.estimate(world.clock.now()), 20ms);
}

TEST(StartRule, a_burst_of_shed_requests_is_spread_over_turns) {
  ScheduleWorld world(with_slots(600));
  world.resolve();
  const Ref<Batch> holds = world.submit(599, 2s);
  world.turn();
  world.observe(100ms);
  const Ref<Batch> hopeless = world.submit(2000, 50ms);
  const Ref<Batch> hopeful = world.submit(1, 500ms);
  world.scheduler->advance();
  EXPECT_EQ(hopeless->last_settled()->number, 512u);
  EXPECT_LE(world.scheduler->next_at(), world.clock.now());
  world.turn();
  EXPECT_EQ(hopeless->cause(), Cause::complete);
  EXPECT_EQ(world.transport.running_count(), 600u);
}

TEST(StartRule, an_estimate_from_a_bad_time_fades) {
  ScheduleWorld world(with_slots(1));
  world.resolve();
  world.observe(800ms);
  world.clock.advance(2500ms);
  const Ref<Batch> first = world.submit(1, 200ms);
  const Ref<Batch> second = world.submit(1, 900ms);
  world.turn();
  EXPECT_EQ(world.counters.requests_shed.value(), 0u);
  EXPECT_EQ(world.counters.estimate_us.value(), 25'000u);
}

}  // namespace
}  // namespace octo
