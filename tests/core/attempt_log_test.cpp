// What a batch keeps of its attempts: each exchange with how it ended, and nothing of it changes after the freeze.
#include "batch/attempt_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "attempt_fixture.hpp"
#include "batch/view.hpp"

namespace octo {
namespace {

// "first CONNECT_FAILED, next_address OK", of a frozen batch.
std::string told(Batch &batch) {
  std::string text;
  for (std::uint32_t i = 0; i < attempt_count(batch); ++i) {
    const AttemptView view = view_attempt(batch, i);
    if (i > 0) text += ", ";
    text += attempt_cause_name(view.start.cause);
    text += std::string(" ") + find_status(static_cast<std::int32_t>(view.end.status))->name;
    if (view.end.reused) text += " reused";
    if (!view.settled) text += " unsettled";
  }
  return text;
}

void settle(AttemptWorld &world) { ASSERT_TRUE(world.owner->settle(0, outcome_with(Status::ok))); }

TEST(AttemptLog, tells_what_came_of_an_exchange_and_when) {
  AttemptWorld world({"192.0.2.1"});
  world.clock.advance(1ms);
  world.start();
  world.clock.advance(2ms);
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.clock.advance(5ms);
  world.transport.receive(world.leg(0), 3);
  world.transport.finish(world.leg(0), 4);
  world.clock.advance(1ms);
  settle(world);
  ASSERT_EQ(attempt_count(*world.owner), 1u);
  const AttemptView view = view_attempt(*world.owner, 0);
  EXPECT_EQ(view.start.index, 0u);
  EXPECT_EQ(view.start.number, 1u);
  EXPECT_EQ(view.start.cause, AttemptCause::first);
  EXPECT_EQ(view.start.at_us, 1000u);
  EXPECT_STREQ(view.address, "192.0.2.1:80");
  EXPECT_TRUE(view.settled);
  EXPECT_EQ(view.end.status, Status::ok);
  EXPECT_EQ(view.end.phase, Phase::receiving);
  EXPECT_EQ(view.end.http_status, 200u);
  EXPECT_EQ(view.end.bytes_received, 7u);
  EXPECT_EQ(view.end.since_us, 8000u);
  EXPECT_EQ(view.end.at_us, 8000u);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::connecting)], 2000u);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::waiting)], 5000u);
}

TEST(AttemptLog, a_refused_address_and_the_next_are_two) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.transport.end(world.leg(0), Status::connect_failed);
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  world.transport.finish(world.leg(1), 1);
  settle(world);
  EXPECT_EQ(told(*world.owner), "first CONNECT_FAILED, next_address OK");
  EXPECT_STREQ(view_attempt(*world.owner, 1).address, (world.address_of(1) + ":80").c_str());
  EXPECT_EQ(view_attempt(*world.owner, 1).start.number, 2u);
}

TEST(AttemptLog, an_address_that_lost_the_race_was_cancelled_while_it_connected) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.advance_by(world.config.next_address_after);
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  world.advance_by(1ms);
  world.transport.finish(world.leg(1), 1);
  settle(world);
  EXPECT_EQ(told(*world.owner), "first CANCELLED, next_address OK");
  const AttemptView loser = view_attempt(*world.owner, 0);
  EXPECT_EQ(loser.end.phase, Phase::connecting);
  EXPECT_EQ(loser.end.phase_us[static_cast<std::size_t>(Phase::connecting)],
            count_us(world.config.next_address_after + 1ms));
}

TEST(AttemptLog, one_that_still_runs_when_its_request_ends_is_cancelled_before_the_batch_can_freeze) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.advance_by(world.config.next_address_after);
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  world.transport.finish(world.leg(1), 1);
  world.clock.advance(10ms);
  settle(world);
  EXPECT_EQ(told(*world.owner), "first CANCELLED, next_address OK");
  EXPECT_EQ(view_attempt(*world.owner, 0).end.at_us, count_us(world.config.next_address_after));
}

TEST(AttemptLog, a_phase_that_begins_after_the_deadline_does_not_hide_the_one_it_met) {
  AttemptWorld world({"192.0.2.1"});
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  // Nobody has touched the batch meanwhile.
  world.clock.advance(301ms);
  world.transport.receive(world.leg(0), 3);
  ASSERT_EQ(world.owner->touch(), Cause::deadline);
  const AttemptView view = view_attempt(*world.owner, 0);
  EXPECT_EQ(view.end.phase, Phase::waiting);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::waiting)], 300'000u);
}

TEST(AttemptLog, one_that_ends_after_the_deadline_had_not_ended_then) {
  AttemptWorld world({"192.0.2.1"});
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.clock.advance(301ms);
  world.transport.finish(world.leg(0), 3);
  ASSERT_EQ(world.owner->touch(), Cause::deadline);
  EXPECT_EQ(told(*world.owner), "first DEADLINE unsettled");
}

TEST(AttemptLog, what_ends_while_the_batch_is_being_cancelled_ends_with_it) {
  AttemptWorld world({"192.0.2.1"});
  AttemptEntry *const entry = world.owner->attempt_log()->begin({0, 1, AttemptCause::first, 500}, "192.0.2.1:80");
  world.clock.advance(2ms);
  ASSERT_TRUE(world.owner->freeze(Cause::cancelled));
  AttemptEnd end;
  end.status = Status::ok;
  end.phase = Phase::receiving;
  end.at_us = 2600;
  end.since_us = 2100;
  end.phase_us[static_cast<std::size_t>(Phase::waiting)] = 1500;
  end.phase_us[static_cast<std::size_t>(Phase::receiving)] = 500;
  entry->end(end);
  const AttemptView view = view_attempt(*world.owner, 0);
  EXPECT_EQ(view.end.at_us, 2000u);
  EXPECT_EQ(view.end.since_us, 2000u);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::waiting)], 1500u);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::receiving)], 0u);
}

TEST(AttemptLog, what_happens_after_the_freeze_and_before_anybody_looks_is_not_seen) {
  AttemptWorld world({"192.0.2.1"});
  world.start();
  world.clock.advance(1ms);
  ASSERT_TRUE(world.owner->freeze(Cause::cancelled));
  world.clock.advance(1ms);
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.leg(0).events->on_bytes(3);
  const AttemptView view = view_attempt(*world.owner, 0);
  EXPECT_EQ(view.end.phase, Phase::connecting);
  EXPECT_EQ(view.end.bytes_received, 0u);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::connecting)], 1000u);
}

TEST(AttemptLog, row_5_a_rerun_of_a_dead_connection_is_one_of_its_own) {
  AttemptWorld world({"192.0.2.1"});
  world.give_idle_connection("192.0.2.1");
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.transport.end(world.leg(0), Status::connection_lost, true);
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  world.transport.finish(world.leg(1), 1);
  settle(world);
  EXPECT_EQ(told(*world.owner), "first CONNECTION_LOST reused, rerun OK");
}

TEST(AttemptLog, what_the_deadline_overtakes_reads_as_it_was_then) {
  AttemptWorld world({"192.0.2.1"});
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.clock.advance(100ms);
  world.transport.receive(world.leg(0), 3);
  world.leg(0).events->on_bytes(3);
  world.clock.advance(200ms);
  ASSERT_EQ(world.owner->touch(), Cause::deadline);
  // Before anybody has looked, and long after the deadline.
  world.clock.advance(50ms);
  world.transport.finish(world.leg(0), 4);
  EXPECT_EQ(told(*world.owner), "first DEADLINE unsettled");
  const AttemptView view = view_attempt(*world.owner, 0);
  EXPECT_EQ(view.end.phase, Phase::receiving);
  EXPECT_EQ(view.end.bytes_received, 3u);
  EXPECT_EQ(view.end.since_us, 100'000u);
  EXPECT_EQ(view.end.at_us, 300'000u);
  EXPECT_EQ(view.end.phase_us[static_cast<std::size_t>(Phase::receiving)], 200'000u);
}

TEST(AttemptLog, one_that_starts_after_the_freeze_is_not_kept) {
  AttemptWorld world({"192.0.2.1"});
  ASSERT_TRUE(world.owner->freeze(Cause::cancelled));
  world.start();
  EXPECT_EQ(attempt_count(*world.owner), 0u);
}

TEST(AttemptLog, a_batch_that_nobody_asked_keeps_none) {
  AttemptWorld world({"192.0.2.1"});
  world.owner = world.batch(1);
  EXPECT_EQ(world.owner->attempt_log(), nullptr);
  ASSERT_TRUE(world.owner->freeze(Cause::cancelled));
  EXPECT_EQ(attempt_count(*world.owner), 0u);
}

TEST(AttemptLog, entries_stay_where_they_are_however_many_come) {
  constexpr std::uint32_t kCount = 10'000;
  AttemptLog log;
  std::vector<const AttemptEntry *> entries;
  for (std::uint32_t i = 0; i < kCount; ++i) entries.push_back(log.begin({i, 1, AttemptCause::first, i}, "address"));
  ASSERT_EQ(log.close(), kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(&log.at(i), entries[i]);
    ASSERT_EQ(log.at(i).start().index, i);
  }
  EXPECT_EQ(log.begin({0, 1, AttemptCause::first, 0}, "address"), nullptr) << "it was read";
}

TEST(AttemptLog, an_address_of_any_length_ends_in_nul) {
  AttemptLog log;
  const AttemptEntry *const entry = log.begin({}, std::string(1000, 'a'));
  EXPECT_EQ(std::string(entry->address()), std::string(63, 'a'));
}

// One thread works, as the I/O thread does, and two read what there is at the freeze, twice.
TEST(AttemptLog, two_readers_see_the_same_for_ever_whatever_the_writer_does) {
  constexpr std::uint32_t kRounds = 500;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    BatchWorld world;
    const Ref<Batch> batch = world.batch(AttemptWorld::keeping(world.spec(1)));
    std::atomic<std::uint32_t> begun{0};
    std::thread writer([&] {
      AttemptEntry *before = nullptr;
      // Until the log is closed.
      while (true) {
        const std::uint32_t number = begun.load(std::memory_order_relaxed) + 1;
        AttemptEntry *const entry = batch->attempt_log()->begin({0, number, AttemptCause::first, 0}, "192.0.2.1:80");
        if (entry == nullptr) break;
        entry->enter(Phase::waiting, number);
        AttemptEnd end;
        end.status = Status::ok;
        if (before != nullptr) before->end(end);
        before = entry;
        begun.store(number, std::memory_order_relaxed);
      }
    });
    const auto read = [&] {
      while (begun.load(std::memory_order_relaxed) < 2 + round % 20) std::this_thread::yield();
      batch->freeze(Cause::cancelled);
      std::string text = told(*batch);
      return text == told(*batch) ? text : "it changed";
    };
    std::string other;
    std::thread reader([&] { other = read(); });
    const std::string own = read();
    reader.join();
    writer.join();
    ASSERT_EQ(own, other);
    ASSERT_EQ(told(*batch), own);
    ASSERT_EQ(own.substr(0, 8), "first OK") << "else it showed nothing";
    ASSERT_EQ(own.substr(own.size() - 9), "unsettled");
  }
}

}  // namespace
}  // namespace octo
