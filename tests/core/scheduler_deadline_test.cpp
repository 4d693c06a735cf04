// What the scheduler does at a deadline and at the memory limit: what is cut, what may finish as an orphan, what goes first.
#include <gtest/gtest.h>

#include "batch/view.hpp"
#include "schedule_fixture.hpp"

namespace octo {
namespace {

ScheduleConfig with_slots(std::uint32_t slots) {
  ScheduleConfig config;
  config.slots_max = slots;
  return config;
}

TEST(SchedulerDeadline, wakes_at_the_earliest_deadline) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> late = world.submit(1, 700ms);
  const Ref<Batch> early = world.submit(1, 200ms);
  world.turn();
  EXPECT_EQ(world.scheduler->next_at(), early->deadline());
  world.turn_after(200ms);
  EXPECT_EQ(early->cause(), Cause::deadline);
  EXPECT_EQ(late->cause(), Cause::open);
  EXPECT_EQ(world.counters.requests_unsettled.value(), 2u) << "one, and the one of resolve()";
}

TEST(SchedulerDeadline, tells_where_the_time_went) {
  ScheduleWorld world(with_slots(3));
  world.resolve();
  const Ref<Batch> batch = world.submit(4, 100ms);
  world.turn();
  world.transport.connecting(world.transport.exchange(0));
  world.clock.advance(30ms);
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(1)));
  world.clock.advance(10ms);
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(2)));
  world.transport.receive(world.transport.exchange(2), 10, 90);
  world.turn_after(60ms);
  const RequestView connecting = view_request(*batch, 0);
  EXPECT_EQ(connecting.status, Status::deadline);
  EXPECT_EQ(connecting.phase, Phase::connecting);
  EXPECT_STREQ(connecting.address, "192.0.2.1:80");
  EXPECT_EQ(connecting.attempts, 1u);
  const RequestView waiting = view_request(*batch, 1);
  EXPECT_EQ(waiting.phase, Phase::waiting);
  EXPECT_EQ(waiting.since_us, 30'000u);
  EXPECT_EQ(view_request(*batch, 2).phase, Phase::receiving);
  EXPECT_EQ(view_request(*batch, 3).phase, Phase::queued);
}

TEST(SchedulerDeadline, a_request_that_just_started_is_told_as_connecting) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.submit(1, 100ms);
  world.turn_after(40ms);
  world.turn_after(60ms);
  const RequestView view = view_request(*batch, 0);
  EXPECT_EQ(view.phase, Phase::connecting) << "it left the queue, though the transport has not said a word";
  EXPECT_EQ(view.since_us, 40'000u);
}

TEST(SchedulerDeadline, slots_are_free_for_the_next_batch_at_once) {
  ScheduleWorld world(with_slots(4));
  world.resolve();
  const Ref<Batch> stuck = world.submit(4, 100ms);
  world.turn();
  world.turn_after(100ms);
  const Ref<Batch> next = world.submit(4, 100ms);
  world.turn();
  world.finish_all();
  EXPECT_EQ(stuck->cause(), Cause::deadline);
  EXPECT_EQ(next->cause(), Cause::complete);
  world.turn_after(world.config.orphan_time_max);
  world.expect_at_rest();
}

TEST(SchedulerOrphan, one_that_answers_soon_keeps_its_connection) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.submit(1, 100ms);
  world.turn();
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(0)));
  world.turn_after(100ms);
  EXPECT_TRUE(world.transport.exchange(0).is_running);
  EXPECT_EQ(world.counters.slots_busy.value(), 0u);
  EXPECT_FALSE(world.scheduler->is_idle());
  EXPECT_FALSE(world.scheduler->has_flights());
  world.clock.advance(20ms);
  world.transport.finish(world.transport.exchange(0), 50);
  EXPECT_EQ(world.counters.orphans_finished.value(), 1u);
  EXPECT_EQ(world.transport.connections_idle(), 1u);
  EXPECT_EQ(batch->outcome(0), nullptr) << "the freeze was final";
  world.expect_at_rest();
}

TEST(SchedulerOrphan, one_that_takes_too_long_is_cut) {
  ScheduleWorld world;
  world.resolve();
  world.submit(1, 100ms);
  world.turn();
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(0)));
  world.turn_after(100ms);
  EXPECT_EQ(world.scheduler->next_at() - world.clock.now(), world.config.orphan_time_max);
  world.turn_after(world.config.orphan_time_max - 1ms);
  EXPECT_TRUE(world.transport.exchange(0).is_running);
  world.turn_after(1ms);
  EXPECT_TRUE(world.transport.exchange(0).is_cancelled);
  EXPECT_EQ(world.counters.orphans_cut.value(), 1u);
  world.expect_at_rest();
}

TEST(SchedulerOrphan, one_with_much_left_is_cut_at_the_deadline) {
  ScheduleWorld world;
  world.resolve();
  world.submit(2, 100ms);
  world.turn();
  for (std::size_t i = 0; i < 2; ++i) ASSERT_TRUE(world.transport.connect(world.transport.exchange(i)));
  world.transport.receive(world.transport.exchange(0), 10, world.config.orphan_bytes_max + 1);
  world.transport.receive(world.transport.exchange(1), 10, world.config.orphan_bytes_max);
  world.turn_after(100ms);
  EXPECT_TRUE(world.transport.exchange(0).is_cancelled);
  EXPECT_TRUE(world.transport.exchange(1).is_running);
  world.turn_after(world.config.orphan_time_max);
  world.expect_at_rest();
}

TEST(SchedulerOrphan, none_remains_when_orphans_are_switched_off) {
  ScheduleConfig config;
  config.orphan_time_max = 0ms;
  ScheduleWorld world(config);
  world.resolve();
  world.submit(3, 100ms);
  world.turn();
  world.turn_after(100ms);
  world.expect_at_rest();
}

TEST(SchedulerOrphan, none_remains_of_a_cancelled_batch) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.submit(3, 100ms);
  world.turn();
  batch->freeze(Cause::cancelled);
  world.scheduler->release(*batch);
  world.expect_at_rest();
}

TEST(SchedulerOrphan, orphans_and_slots_together_never_exceed_the_limit) {
  ScheduleWorld world(with_slots(8));
  world.resolve();
  for (int round = 0; round < 20; ++round) {
    const Ref<Batch> batch = world.submit(12, 30ms);
    world.turn();
    for (std::size_t i = 0; i < world.transport.started.size(); ++i) {
      FakeExchange &exchange = world.transport.exchange(i);
      if (exchange.is_running && !exchange.is_connected) world.transport.connect(exchange);
    }
    world.turn_after(30ms);
  }
  EXPECT_EQ(world.transport.running_max, 8u);
  EXPECT_GT(world.counters.orphans_cut.value(), 100u);
  world.turn_after(world.config.orphan_time_max);
  world.expect_at_rest();
}

TEST(SchedulerOrphan, those_that_receive_are_cut_last) {
  ScheduleWorld world(with_slots(2));
  world.resolve();
  world.submit(2, 50ms);
  world.turn();
  for (std::size_t i = 0; i < 2; ++i) ASSERT_TRUE(world.transport.connect(world.transport.exchange(i)));
  world.transport.receive(world.transport.exchange(0), 10, 10);
  world.turn_after(50ms);
  world.submit(1, 50ms);
  world.turn();
  EXPECT_TRUE(world.transport.exchange(0).is_running);
  EXPECT_TRUE(world.transport.exchange(1).is_cancelled);
}

TEST(SchedulerMemory, row_62_at_the_limit_the_latest_deadline_gives_way) {
  ScheduleWorld world;
  world.resolve();
  world.ledger->set_bytes_max(1000);
  const Ref<Batch> early = world.submit(1, 200ms);
  BatchSpec kept = world.spec(1, 800ms);
  kept.keeps_attempts = true;
  const Ref<Batch> late = world.submit(world.batch(std::move(kept)));
  const Ref<Batch> idle = world.submit(1, 900ms);
  world.turn();
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(world.transport.connect(world.transport.exchange(i)));
  world.transport.receive(world.transport.exchange(0), 600);
  world.transport.receive(world.transport.exchange(1), 600);
  world.turn();
  ASSERT_NE(late->outcome(0), nullptr);
  EXPECT_EQ(late->outcome(0)->status, Status::no_memory);
  EXPECT_EQ(late->outcome(0)->bytes_received, 600u);
  EXPECT_EQ(late->outcome(0)->address, world.transport.exchange(1).endpoint->text);
  ASSERT_EQ(attempt_count(*late), 1u);
  EXPECT_EQ(view_attempt(*late, 0).end.status, Status::no_memory);
  EXPECT_EQ(view_attempt(*late, 0).end.bytes_received, 600u);
  EXPECT_EQ(early->cause(), Cause::open);
  EXPECT_EQ(idle->cause(), Cause::open) << "one that holds nothing would free nothing";
  EXPECT_EQ(world.ledger->active(), 600u);
  world.finish_all();
  world.expect_at_rest();
}

TEST(SchedulerMemory, row_62_orphans_go_before_flights) {
  ScheduleWorld world;
  world.resolve();
  world.ledger->set_bytes_max(1000);
  const Ref<Batch> frozen = world.submit(1, 50ms);
  const Ref<Batch> open = world.submit(1, 800ms);
  world.turn();
  for (std::size_t i = 0; i < 2; ++i) ASSERT_TRUE(world.transport.connect(world.transport.exchange(i)));
  world.transport.receive(world.transport.exchange(0), 600, 10);
  world.turn_after(50ms);
  world.transport.receive(world.transport.exchange(1), 600);
  world.turn();
  EXPECT_TRUE(world.transport.exchange(0).is_cancelled);
  EXPECT_EQ(open->cause(), Cause::open);
  world.finish_all();
  world.expect_at_rest();
}

TEST(SchedulerMemory, row_62_bodies_of_open_batches_alone_do_not_wedge_it) {
  ScheduleWorld world;
  world.resolve();
  world.ledger->set_bytes_max(1000);
  const Ref<Batch> batch = world.submit(3, 200ms);
  world.turn();
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(0)));
  world.transport.finish(world.transport.exchange(0), 5000);
  world.turn();
  EXPECT_EQ(batch->outcome(0)->status, Status::ok);
  EXPECT_TRUE(world.ledger->is_exhausted());
  world.turn_after(200ms);
  EXPECT_FALSE(world.ledger->is_exhausted()) << "the freeze moved them on";
  const Ref<Batch> next = world.submit(1, 200ms);
  world.turn();
  world.finish_all();
  EXPECT_EQ(next->outcome(0)->status, Status::ok);
  world.turn_after(world.config.orphan_time_max);
  world.expect_at_rest();
}

}  // namespace
}  // namespace octo
