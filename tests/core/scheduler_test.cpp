// The life of requests in the scheduler: slots, order, queue limit, outcomes, cancelling, and everything given back.
#include "schedule/scheduler.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schedule_fixture.hpp"

namespace octo {
namespace {

ScheduleConfig with_slots(std::uint32_t slots) {
  ScheduleConfig config;
  config.slots_max = slots;
  return config;
}

TEST(Scheduler, is_idle_at_first_and_has_nothing_due) {
  ScheduleWorld world;
  EXPECT_TRUE(world.scheduler->is_idle());
  EXPECT_EQ(world.scheduler->next_at(), kNever);
}

TEST(Scheduler, serves_a_batch_from_submit_to_complete) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.submit(3);
  world.turn_after(2ms);
  ASSERT_EQ(world.transport.started.size(), 3u);
  EXPECT_EQ(world.counters.slots_busy.value(), 3u);
  world.clock.advance(5ms);
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(world.transport.connect(world.transport.exchange(i)));
  world.clock.advance(20ms);
  world.finish_all(100);
  EXPECT_EQ(batch->cause(), Cause::complete);
  const RequestView view = view_request(*batch, 1);
  EXPECT_EQ(view.status, Status::ok);
  EXPECT_EQ(view.http_status, 200u);
  EXPECT_EQ(view.attempts, 1u);
  EXPECT_STREQ(view.address, "192.0.2.1:80");
  EXPECT_EQ(view.body->size(), 100u);
  EXPECT_EQ(view.phase_us[static_cast<std::size_t>(Phase::queued)], 2000u);
  EXPECT_EQ(view.phase_us[static_cast<std::size_t>(Phase::connecting)], 5000u);
  EXPECT_EQ(view.phase_us[static_cast<std::size_t>(Phase::waiting)], 20'000u);
  EXPECT_EQ(world.counters.requests_ok.value(), 3u);
  world.expect_at_rest();
}

TEST(Scheduler, never_runs_more_than_its_slots) {
  ScheduleWorld world(with_slots(4));
  world.resolve();
  const Ref<Batch> batch = world.submit(20);
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 4u);
  EXPECT_EQ(world.counters.queued.value(), 16u);
  while (batch->cause() == Cause::open) {
    world.clock.advance(1ms);
    world.finish_all();
    world.turn();
  }
  EXPECT_EQ(world.transport.running_max, 4u);
  EXPECT_EQ(batch->cause(), Cause::complete);
  EXPECT_EQ(world.counters.requests_ok.value(), 20u);
  world.expect_at_rest();
}

TEST(Scheduler, reuses_idle_connections) {
  ScheduleWorld world(with_slots(4));
  world.resolve();
  const Ref<Batch> batch = world.submit(40);
  world.turn();
  while (batch->cause() == Cause::open) {
    world.clock.advance(1ms);
    world.finish_all();
    world.turn();
  }
  EXPECT_EQ(world.transport.connections_open(), 4u);
}

TEST(Scheduler, starts_the_earliest_deadline_first) {
  ScheduleWorld world(with_slots(1));
  world.resolve();
  const Ref<Batch> holds = world.submit(1, 100ms);
  world.turn();
  const Ref<Batch> late = world.submit(1, 900ms);
  const Ref<Batch> early = world.submit(1, 300ms);
  world.turn();
  world.finish_all();
  world.turn();
  world.finish_all();
  EXPECT_EQ(early->cause(), Cause::complete);
  EXPECT_EQ(late->cause(), Cause::open);
}

TEST(Scheduler, starts_required_requests_before_others) {
  ScheduleWorld world(with_slots(1));
  world.resolve();
  const Ref<Batch> batch = world.submit_with({Priority::optional, Priority::normal, Priority::required});
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) {
    world.turn();
    order.push_back(world.running_targets().at(0));
    world.finish_all();
  }
  EXPECT_EQ(order, (std::vector<std::string>{"/key-2", "/key-1", "/key-0"}));
}

TEST(Scheduler, row_76_a_few_exchanges_start_in_one_turn_of_the_loop) {
  ScheduleConfig config = with_slots(64);
  config.starts_per_turn = 8;
  ScheduleWorld world(config);
  world.resolve();
  world.submit(50);
  world.scheduler->advance();
  EXPECT_EQ(world.transport.started.size(), 8u);
  EXPECT_LE(world.scheduler->next_at(), world.clock.now()) << "it wants another turn at once";
  world.scheduler->advance();
  EXPECT_EQ(world.transport.started.size(), 16u);
  world.turn();
  EXPECT_EQ(world.transport.started.size(), 50u);
  EXPECT_GT(world.scheduler->next_at(), world.clock.now());
}

TEST(Scheduler, the_queue_limit_sheds_the_newest_requests_of_the_lowest_priority) {
  ScheduleConfig config = with_slots(1);
  config.queue_max = 10;
  ScheduleWorld world(config);
  world.resolve();
  const Ref<Batch> old = world.submit(8);
  const Ref<Batch> batch = world.submit_with(
      {Priority::normal, Priority::optional, Priority::required, Priority::normal, Priority::optional});
  EXPECT_EQ(batch->outcome(0), nullptr);
  ASSERT_NE(batch->outcome(1), nullptr);
  EXPECT_EQ(batch->outcome(1)->status, Status::shed);
  EXPECT_NE(batch->outcome(1)->message.find("queue.max = 10"), std::string::npos);
  EXPECT_EQ(batch->outcome(2), nullptr);
  ASSERT_NE(batch->outcome(3), nullptr);
  EXPECT_EQ(batch->outcome(3)->status, Status::shed);
  ASSERT_NE(batch->outcome(4), nullptr);
  EXPECT_EQ(world.counters.requests_shed.value(), 3u);
  const Ref<Batch> beyond = world.submit(3);
  EXPECT_EQ(beyond->cause(), Cause::complete) << "nothing of it fits, and it need not wait to hear that";
  while (old->cause() == Cause::open || batch->cause() == Cause::open) {
    world.turn();
    world.finish_all();
  }
  world.expect_at_rest();
}

TEST(Scheduler, requests_that_settled_at_submit_are_left_alone) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.batch(3);
  batch->settle(1, outcome_with(Status::invalid_key));
  world.counters.requests_other.add();
  world.submit(batch);
  world.turn();
  EXPECT_EQ(world.running_targets(), (std::vector<std::string>{"/key-0", "/key-2"}));
  world.finish_all();
  EXPECT_EQ(batch->cause(), Cause::complete);
  world.expect_at_rest();
}

TEST(Scheduler, row_59_a_batch_that_is_over_is_not_started) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.batch(3, 10ms);
  batch->settle(0, outcome_with(Status::invalid_key));
  world.counters.requests_other.add();
  world.clock.advance(10ms);
  world.submit(batch);
  world.turn();
  EXPECT_EQ(batch->cause(), Cause::deadline);
  EXPECT_TRUE(world.transport.started.empty());
  EXPECT_EQ(world.counters.requests_unsettled.value(), 3u) << "two, and the one of resolve()";
  world.expect_at_rest();
}

TEST(Scheduler, a_released_batch_gives_its_slots_back_at_once) {
  ScheduleWorld world(with_slots(2));
  world.resolve();
  const Ref<Batch> gone = world.submit(10);
  const Ref<Batch> stays = world.submit(2, 400ms);
  world.turn();
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(0)));
  gone->freeze(Cause::cancelled);
  world.scheduler->release(*gone);
  EXPECT_TRUE(world.transport.exchange(0).is_cancelled);
  EXPECT_TRUE(world.transport.exchange(1).is_cancelled);
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 2u);
  world.finish_all();
  EXPECT_EQ(stays->cause(), Cause::complete);
  world.scheduler->release(*gone);
  world.expect_at_rest();
}

TEST(Scheduler, failures_become_outcomes_with_their_phase) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.submit(4);
  world.turn();
  world.transport.connecting(world.transport.exchange(0));
  world.transport.end(world.transport.exchange(0), Status::connect_failed);
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(1)));
  world.transport.answer(world.transport.exchange(1), Status::not_found, 404);
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(2)));
  world.transport.receive(world.transport.exchange(2), 500, 100);
  world.transport.end(world.transport.exchange(2), Status::truncated);
  world.turn();
  EXPECT_EQ(batch->outcome(0)->status, Status::connect_failed);
  EXPECT_EQ(batch->outcome(0)->phase, Phase::connecting);
  EXPECT_EQ(batch->outcome(1)->status, Status::not_found);
  EXPECT_EQ(batch->outcome(1)->http_status, 404u);
  EXPECT_EQ(batch->outcome(2)->status, Status::truncated);
  EXPECT_EQ(batch->outcome(2)->phase, Phase::receiving);
  EXPECT_EQ(batch->outcome(2)->bytes_received, 500u);
  EXPECT_FALSE(batch->outcome(2)->body);
  world.finish_all();
  EXPECT_EQ(world.counters.requests_other.value(), 3u);
  world.expect_at_rest();
}

TEST(Scheduler, row_61_without_memory_for_an_exchange_the_request_fails_and_the_slot_returns) {
  ScheduleWorld world;
  world.resolve();
  world.transport.has_memory = false;
  const Ref<Batch> batch = world.submit(2);
  world.turn();
  EXPECT_EQ(batch->cause(), Cause::complete);
  EXPECT_EQ(batch->outcome(0)->status, Status::no_memory);
  world.transport.has_memory = true;
  const Ref<Batch> next = world.submit(2);
  world.turn();
  world.finish_all();
  EXPECT_EQ(next->outcome(1)->status, Status::ok);
  world.expect_at_rest();
}

TEST(Scheduler, a_rerun_is_counted_as_one_and_leaves_no_failure) {
  ScheduleWorld world;
  world.resolve();
  world.submit(1);
  world.turn();
  world.finish_all();
  const Ref<Batch> batch = world.submit(1);
  world.turn();
  FakeExchange &reused = world.transport.last();
  ASSERT_TRUE(reused.is_reused);
  ASSERT_TRUE(world.transport.connect(reused));
  world.transport.end(reused, Status::connection_lost, true);
  world.turn();
  world.finish_all();
  EXPECT_EQ(batch->outcome(0)->status, Status::ok);
  EXPECT_EQ(batch->outcome(0)->attempts, 2u);
  EXPECT_EQ(world.counters.reruns.value(), 1u);
  EXPECT_EQ(world.counters.requests_other.value(), 0u);
  EXPECT_EQ(world.attempts(), 3u);
  world.expect_at_rest();
}

TEST(Scheduler, the_race_of_addresses_needs_no_event_to_go_on) {
  ScheduleWorld world;
  world.resolve({"192.0.2.1", "192.0.2.2"});
  const Ref<Batch> batch = world.submit(1, 2s);
  world.turn();
  EXPECT_EQ(world.scheduler->next_at() - world.clock.now(), world.config.next_address_after);
  world.turn_after(world.config.next_address_after);
  ASSERT_EQ(world.transport.running_count(), 2u);
  ASSERT_TRUE(world.transport.connect(world.transport.exchange(1)));
  world.turn();
  EXPECT_EQ(world.transport.running_count(), 1u);
  world.finish_all();
  EXPECT_EQ(batch->outcome(0)->address, world.transport.exchange(1).endpoint->text);
  world.expect_at_rest();
}

TEST(Scheduler, what_runs_is_cut_when_it_is_destroyed) {
  ScheduleWorld world;
  world.resolve();
  const Ref<Batch> batch = world.submit(5);
  world.turn();
  world.transport.receive(world.transport.exchange(0), 1000);
  world.scheduler.reset();
  EXPECT_EQ(world.transport.running_count(), 0u);
  EXPECT_EQ(world.ledger->active(), 0u);
  EXPECT_EQ(world.counters.slots_busy.value(), 0u);
  EXPECT_EQ(batch->cause(), Cause::open) << "its deadline is not the engine's";
}

}  // namespace
}  // namespace octo
