// One try on the wire: the race of addresses, and the one free re-run of a dead connection.
#include "schedule/attempt.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "attempt_fixture.hpp"

namespace octo {
namespace {

TEST(Attempt, asks_for_the_target_of_its_request) {
  AttemptWorld world({"192.0.2.1"});
  world.start();
  EXPECT_EQ(world.leg(0).target, "/key-0");
  EXPECT_FALSE(world.leg(0).fresh);
  EXPECT_EQ(world.counters.attempts.value(), 1u);
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.clock.advance(5ms);
  world.transport.finish(world.leg(0), 7);
  EXPECT_EQ(world.ended_count, 1);
  EXPECT_EQ(world.last_end.status, Status::ok);
  EXPECT_EQ(world.attempt->exchanges_started(), 1u);
}

TEST(Attempt, row_38_the_next_address_joins_when_the_first_has_not_connected_in_time) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  EXPECT_EQ(world.attempt->next_at() - world.clock.now(), world.config.next_address_after);
  world.advance_by(world.config.next_address_after - 1ms);
  EXPECT_EQ(world.transport.started.size(), 1u);
  world.advance_by(1ms);
  ASSERT_EQ(world.transport.started.size(), 2u);
  EXPECT_NE(world.address_of(0), world.address_of(1));
  EXPECT_TRUE(world.leg(0).is_running) << "the first may still make it";
  EXPECT_EQ(world.attempt->next_at(), kNever) << "there is no third";
}

TEST(Attempt, the_first_address_that_connects_wins_and_the_others_are_dropped) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  world.start();
  world.advance_by(world.config.next_address_after);
  world.advance_by(world.config.next_address_after);
  ASSERT_EQ(world.transport.started.size(), 3u);
  EXPECT_TRUE(world.transport.connect(world.leg(1)));
  EXPECT_EQ(world.attempt->endpoint(), world.leg(1).endpoint);
  EXPECT_LE(world.attempt->next_at(), world.clock.now()) << "the losers are dropped at once";
  world.advance_by(0ms);
  EXPECT_TRUE(world.leg(0).is_cancelled);
  EXPECT_TRUE(world.leg(2).is_cancelled);
  EXPECT_TRUE(world.leg(1).is_running);
  world.advance_by(10s);
  EXPECT_EQ(world.transport.started.size(), 3u);
}

TEST(Attempt, one_that_connects_second_sends_nothing) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.advance_by(world.config.next_address_after);
  EXPECT_TRUE(world.transport.connect(world.leg(0)));
  EXPECT_FALSE(world.transport.connect(world.leg(1)));
  EXPECT_EQ(world.ended_count, 0) << "a loser's end is not the attempt's";
  world.transport.finish(world.leg(0), 1);
  EXPECT_EQ(world.ended_count, 1);
}

TEST(Attempt, row_39_a_refused_address_is_followed_by_the_next_at_once) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.transport.end(world.leg(0), Status::connect_failed);
  ASSERT_EQ(world.transport.started.size(), 2u);
  EXPECT_NE(world.address_of(0), world.address_of(1));
  EXPECT_EQ(world.ended_count, 0);
  EXPECT_TRUE(world.transport.connect(world.leg(1)));
  world.transport.finish(world.leg(1), 3);
  EXPECT_EQ(world.last_end.status, Status::ok);
  EXPECT_EQ(world.attempt->exchanges_started(), 2u);
}

TEST(Attempt, row_35_a_failed_handshake_is_followed_by_the_next_address) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.transport.securing(world.leg(0));
  world.transport.end(world.leg(0), Status::tls_failed);
  ASSERT_EQ(world.transport.started.size(), 2u);
  EXPECT_EQ(world.attempt->phase(), Phase::connecting) << "what is shown is what runs";
}

TEST(Attempt, when_no_address_connects_it_ends_with_the_last_failure) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.transport.end(world.leg(0), Status::connect_failed);
  world.transport.end(world.leg(1), Status::tls_failed);
  EXPECT_EQ(world.ended_count, 1);
  EXPECT_EQ(world.last_end.status, Status::tls_failed);
  EXPECT_EQ(world.transport.started.size(), 2u);
}

TEST(Attempt, a_failure_waits_for_the_address_that_is_still_on_its_way) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.advance_by(world.config.next_address_after);
  world.transport.end(world.leg(1), Status::connect_failed);
  EXPECT_EQ(world.ended_count, 0);
  EXPECT_TRUE(world.transport.connect(world.leg(0)));
  world.transport.finish(world.leg(0));
  EXPECT_EQ(world.last_end.status, Status::ok);
}

TEST(Attempt, tries_at_most_four_addresses) {
  std::vector<std::string> names;
  for (int i = 1; i <= 6; ++i) names.push_back("192.0.2." + std::to_string(i));
  AttemptWorld world(names);
  world.start();
  for (std::size_t i = 0; i < Attempt::kLegsMax; ++i) world.transport.end(world.leg(i), Status::connect_failed);
  EXPECT_EQ(world.transport.started.size(), Attempt::kLegsMax);
  EXPECT_EQ(world.ended_count, 1);
}

TEST(Attempt, failures_and_connections_are_noted_of_their_addresses) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  const EndpointRef first = world.known.pick(world.clock.now(), {});
  world.known.note_failed(first, world.clock.now());
  world.start();
  while (world.ended_count == 0) world.transport.end(world.transport.last(), Status::connect_failed);
  // `first` has failed twice now, the other one once.
  for (int i = 0; i < 4; ++i) EXPECT_NE(world.known.pick(world.clock.now(), {}), first);
}

TEST(Attempt, row_5_a_dead_reused_connection_is_run_again_on_a_fresh_one_for_free) {
  AttemptWorld world({"192.0.2.1"});
  world.give_idle_connection("192.0.2.1");
  world.start();
  ASSERT_TRUE(world.leg(0).is_reused);
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.clock.advance(3ms);
  world.transport.end(world.leg(0), Status::connection_lost, true);
  ASSERT_EQ(world.transport.started.size(), 2u);
  EXPECT_TRUE(world.leg(1).fresh);
  EXPECT_EQ(world.leg(1).endpoint, world.leg(0).endpoint);
  EXPECT_EQ(world.counters.reruns.value(), 1u);
  EXPECT_EQ(world.ended_count, 0);
  EXPECT_EQ(world.attempt->phase(), Phase::connecting);
  EXPECT_EQ(world.attempt->phase_since(), world.clock.now());
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  world.transport.finish(world.leg(1), 4);
  EXPECT_EQ(world.last_end.status, Status::ok);
}

TEST(Attempt, row_6_a_rerun_that_fails_is_not_run_again) {
  AttemptWorld world({"192.0.2.1"});
  world.give_idle_connection("192.0.2.1");
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.transport.end(world.leg(0), Status::connection_lost, true);
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  world.transport.end(world.leg(1), Status::connection_lost, true);
  EXPECT_EQ(world.transport.started.size(), 2u);
  EXPECT_EQ(world.counters.reruns.value(), 1u);
  EXPECT_EQ(world.ended_count, 1);
  EXPECT_EQ(world.last_end.status, Status::connection_lost);
}

TEST(Attempt, row_8_stray_bytes_on_a_reused_connection_count_against_no_address) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  for (int i = 0; i < 4; ++i) {
    world.give_idle_connection("192.0.2.1");
    world.attempt = std::make_unique<Attempt>(
        Attempt::Parts{world.transport, world.known, world.counters, world.clock, world.config, world}, &world.flight,
        world.owner, 0);
    world.start();
    FakeExchange &reused = world.transport.last();
    ASSERT_TRUE(reused.is_reused);
    world.transport.end(reused, Status::connection_lost, true);
    ASSERT_TRUE(world.transport.connect(world.transport.last()));
    world.transport.finish(world.transport.last());
    world.resolver.known.at("192.0.2.1")->connections_open = 0;
  }
  EXPECT_EQ(world.counters.reruns.value(), 4u);
}

TEST(Attempt, a_rerun_survives_that_others_had_lost_to_the_dead_connection) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  const std::string second = world.address_of(0) == "192.0.2.1" ? "192.0.2.2" : "192.0.2.1";
  world.give_idle_connection(second);
  world.clock.advance(world.config.next_address_after);
  world.attempt->advance(world.clock.now());
  ASSERT_TRUE(world.transport.connect(world.leg(1)));
  // Before the losers are dropped.
  world.transport.end(world.leg(1), Status::connection_lost, true);
  world.advance_by(0ms);
  ASSERT_EQ(world.transport.started.size(), 3u);
  EXPECT_TRUE(world.leg(2).is_running);
  EXPECT_TRUE(world.leg(0).is_running) << "it may still make it";
  EXPECT_EQ(world.ended_count, 0);
}

TEST(Attempt, row_78_a_rerun_that_does_not_connect_races_the_next_address) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.give_idle_connection("192.0.2.1");
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.transport.end(world.leg(0), Status::connection_lost, true);
  EXPECT_EQ(world.attempt->next_at() - world.clock.now(), world.config.next_address_after);
  world.advance_by(world.config.next_address_after);
  ASSERT_EQ(world.transport.started.size(), 3u);
  EXPECT_EQ(world.address_of(2), "192.0.2.2");
}

TEST(Attempt, a_lost_connection_after_the_request_was_sent_is_not_tried_elsewhere) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.transport.end(world.leg(0), Status::connection_lost);
  EXPECT_EQ(world.transport.started.size(), 1u);
  EXPECT_EQ(world.ended_count, 1);
}

TEST(Attempt, progress_is_told_as_the_phases_follow) {
  AttemptWorld world({"192.0.2.1"});
  world.start();
  world.transport.connecting(world.leg(0));
  world.transport.securing(world.leg(0));
  ASSERT_TRUE(world.transport.connect(world.leg(0)));
  world.transport.receive(world.leg(0), 5, 10);
  EXPECT_EQ(world.phases, (std::vector<Phase>{Phase::connecting, Phase::securing, Phase::waiting, Phase::receiving}));
  EXPECT_EQ(world.attempt->bytes_received(), 5u);
  EXPECT_EQ(world.attempt->bytes_left(), 10u);
}

TEST(Attempt, an_orphan_tells_no_progress_and_starts_nothing_more) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.attempt->become_orphan(world.clock.now() + 100ms);
  EXPECT_TRUE(world.attempt->is_orphan());
  world.advance_by(world.config.next_address_after);
  world.transport.end(world.leg(0), Status::connect_failed);
  EXPECT_EQ(world.transport.started.size(), 1u);
  EXPECT_EQ(world.ended_count, 1);
  EXPECT_TRUE(world.phases.empty());
}

TEST(Attempt, one_that_is_destroyed_cancels_all_it_started) {
  AttemptWorld world({"192.0.2.1", "192.0.2.2"});
  world.start();
  world.advance_by(world.config.next_address_after);
  world.attempt.reset();
  EXPECT_EQ(world.transport.running_count(), 0u);
  EXPECT_EQ(world.ended_count, 0);
}

TEST(Attempt, row_61_without_memory_for_an_exchange_it_does_not_start) {
  AttemptWorld world({"192.0.2.1"});
  world.transport.has_memory = false;
  EXPECT_FALSE(world.attempt->start(world.clock.now()));
  EXPECT_EQ(world.counters.attempts.value(), 0u);
}

TEST(Attempt, a_request_that_warms_opens_a_connection_of_its_own) {
  AttemptWorld world({"192.0.2.1"});
  world.give_idle_connection("192.0.2.1");
  BatchSpec spec = world.spec(1);
  spec.requests[0].warms = true;
  const Ref<Batch> warm = world.batch(std::move(spec));
  Attempt attempt(Attempt::Parts{world.transport, world.known, world.counters, world.clock, world.config, world},
                  &world.flight, warm, 0);
  ASSERT_TRUE(attempt.start(world.clock.now()));
  EXPECT_TRUE(world.leg(0).fresh);
  EXPECT_TRUE(world.leg(0).head);
}

}  // namespace
}  // namespace octo
