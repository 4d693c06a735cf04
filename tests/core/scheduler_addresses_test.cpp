// Flights that wait for the origin's addresses: they hold their slot, hear of a failure at once, and end at their deadline.
#include <gtest/gtest.h>

#include "schedule_fixture.hpp"

namespace octo {
namespace {

TEST(SchedulerResolving, flights_start_when_the_answer_comes) {
  ScheduleWorld world;
  const Ref<Batch> batch = world.submit(20, 500ms);
  world.turn();
  EXPECT_TRUE(world.transport.started.empty());
  EXPECT_EQ(world.counters.slots_busy.value(), 20u);
  world.clock.advance(30ms);
  world.resolver.answer({"192.0.2.1"});
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 20u);
  world.finish_all();
  EXPECT_EQ(batch->cause(), Cause::complete);
  EXPECT_EQ(view_request(*batch, 0).phase_us[static_cast<std::size_t>(Phase::resolving)], 30'000u);
  world.expect_at_rest();
}

TEST(SchedulerResolving, row_44_a_slow_lookup_does_not_hold_up_the_deadline) {
  ScheduleWorld world;
  const Ref<Batch> batch = world.submit(3, 100ms);
  world.turn_after(10ms);
  world.turn_after(90ms);
  EXPECT_EQ(batch->cause(), Cause::deadline);
  const RequestView view = view_request(*batch, 2);
  EXPECT_EQ(view.phase, Phase::resolving);
  EXPECT_EQ(view.since_us, 10'000u);
  world.expect_at_rest();
  world.resolver.answer({"192.0.2.1"});
  world.turn();
  EXPECT_TRUE(world.transport.started.empty());
  const Ref<Batch> next = world.submit(2, 100ms);
  world.turn();
  world.finish_all();
  EXPECT_EQ(next->cause(), Cause::complete);
  world.expect_at_rest();
}

TEST(SchedulerResolving, row_43_a_failed_lookup_fails_all_who_wait_and_the_next_batch_asks_anew) {
  ScheduleConfig config;
  config.slots_max = 2;
  ScheduleWorld world(config);
  const Ref<Batch> first = world.submit(3, 500ms);
  const Ref<Batch> second = world.submit(2, 500ms);
  world.turn();
  world.resolver.fail(Status::resolve_failed, "example.invalid: no such name");
  world.turn();
  EXPECT_EQ(first->cause(), Cause::complete);
  EXPECT_EQ(second->cause(), Cause::complete);
  EXPECT_EQ(first->outcome(0)->status, Status::resolve_failed);
  EXPECT_EQ(first->outcome(0)->phase, Phase::resolving);
  EXPECT_EQ(first->outcome(2)->phase, Phase::queued);
  EXPECT_EQ(first->outcome(0)->message, "example.invalid: no such name");
  world.expect_at_rest();
  const Ref<Batch> next = world.submit(2, 500ms);
  world.turn();
  world.resolver.answer({"192.0.2.1"});
  world.turn();
  world.finish_all();
  EXPECT_EQ(next->outcome(1)->status, Status::ok);
  world.expect_at_rest();
}

TEST(SchedulerResolving, row_63_without_a_thread_for_the_lookup_requests_fail_and_the_next_batch_works) {
  ScheduleWorld world;
  world.resolver.has_threads = false;
  const Ref<Batch> batch = world.submit(3, 500ms);
  world.turn();
  EXPECT_EQ(batch->cause(), Cause::complete);
  EXPECT_EQ(batch->outcome(0)->status, Status::local_resource);
  world.resolver.has_threads = true;
  const Ref<Batch> next = world.submit(1, 500ms);
  world.turn();
  world.resolver.answer({"192.0.2.1"});
  world.turn();
  world.finish_all();
  EXPECT_EQ(next->outcome(0)->status, Status::ok);
  world.expect_at_rest();
}

TEST(SchedulerResolving, a_released_batch_leaves_the_line_for_addresses) {
  ScheduleWorld world;
  const Ref<Batch> gone = world.submit(3, 500ms);
  const Ref<Batch> stays = world.submit(1, 500ms);
  world.turn();
  gone->freeze(Cause::cancelled);
  world.scheduler->release(*gone);
  EXPECT_TRUE(world.scheduler->has_flights());
  world.resolver.answer({"192.0.2.1"});
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 1u);
  world.finish_all();
  EXPECT_EQ(stays->cause(), Cause::complete);
  world.expect_at_rest();
}

TEST(SchedulerResolving, a_stale_answer_serves_while_it_is_refreshed) {
  ScheduleWorld world;
  world.resolve();
  world.clock.advance(world.config.addresses_fresh);
  const Ref<Batch> batch = world.submit(1, 500ms);
  world.turn();
  EXPECT_TRUE(world.resolver.is_asked());
  EXPECT_EQ(world.transport.running_count(), 1u);
  world.resolver.fail();
  world.turn();
  EXPECT_EQ(batch->cause(), Cause::open);
  world.finish_all();
  EXPECT_EQ(batch->outcome(0)->status, Status::ok);
}

TEST(SchedulerResolving, after_the_host_slept_idle_connections_close_and_addresses_are_asked_for) {
  ScheduleWorld world;
  world.resolve();
  world.submit(2, 500ms);
  world.turn();
  world.finish_all();
  EXPECT_EQ(world.transport.connections_idle(), 2u);
  world.scheduler->distrust();
  EXPECT_EQ(world.transport.connections_idle(), 0u);
  const Ref<Batch> batch = world.submit(1, 500ms);
  world.turn();
  EXPECT_TRUE(world.resolver.is_asked());
}

}  // namespace
}  // namespace octo
