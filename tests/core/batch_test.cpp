// A batch by itself: settling, the one freeze, what reads how afterwards, and whose the bytes are.
#include "batch/batch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "batch/view.hpp"
#include "batch_fixture.hpp"

namespace octo {
namespace {

TEST(Batch, the_last_settle_completes_it) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(3);
  EXPECT_TRUE(batch->settle(2, outcome_with(Status::ok)));
  EXPECT_TRUE(batch->settle(0, outcome_with(Status::not_found)));
  EXPECT_EQ(batch->cause(), Cause::open);
  EXPECT_EQ(world.host->frozen_count, 0u);
  EXPECT_TRUE(batch->settle(1, outcome_with(Status::ok)));
  EXPECT_EQ(batch->cause(), Cause::complete);
  EXPECT_EQ(world.host->frozen_count, 1u);
  EXPECT_EQ(world.host->last_cause, Cause::complete);
}

TEST(Batch, outcomes_are_numbered_in_settle_order_with_running_totals) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(4);
  batch->settle(3, world.ok_outcome(10));
  world.clock.advance(1ms);
  batch->settle(1, outcome_with(Status::not_found));
  world.clock.advance(1ms);
  batch->settle(0, outcome_with(Status::not_modified));
  const Outcome *last = batch->last_settled();
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->index, 0u);
  EXPECT_EQ(last->number, 3u);
  EXPECT_EQ(last->ok_total, 2u);
  EXPECT_EQ(last->body_bytes_total, 10u);
  EXPECT_EQ(last->previous->index, 1u);
  EXPECT_EQ(last->previous->previous->index, 3u);
  EXPECT_EQ(last->previous->previous->previous, nullptr);
  EXPECT_EQ(last->settled_at - batch->submitted_at(), 2ms);
}

TEST(Batch, a_settle_one_nanosecond_before_the_deadline_counts) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(2);
  world.clock.set(batch->deadline() - Duration(1));
  EXPECT_TRUE(batch->settle(0, outcome_with(Status::ok)));
  EXPECT_EQ(batch->cause(), Cause::open);
}

TEST(Batch, a_settle_at_the_deadline_freezes_it_instead) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1);
  world.clock.set(batch->deadline());
  EXPECT_FALSE(batch->settle(0, outcome_with(Status::ok)));
  EXPECT_EQ(batch->cause(), Cause::deadline);
  EXPECT_EQ(batch->outcome(0), nullptr);
}

TEST(Batch, whoever_touches_it_at_the_deadline_freezes_it) {
  BatchWorld world;
  const Ref<Batch> by_touch = world.batch(1);
  const Ref<Batch> by_wait = world.batch(1);
  const Ref<Batch> by_next = world.batch(1);
  const Ref<Batch> by_nobody = world.batch(1);
  EXPECT_EQ(by_touch->touch(), Cause::open);
  world.clock.set(by_touch->deadline());
  EXPECT_EQ(by_touch->touch(), Cause::deadline);
  EXPECT_EQ(by_wait->wait(Instant{}), Status::ok);
  EXPECT_EQ(by_wait->cause(), Cause::deadline);
  std::uint32_t index = 9;
  EXPECT_EQ(by_next->next(Instant{}, index), Status::ok);
  EXPECT_EQ(index, 0u);
  EXPECT_EQ(by_next->cause(), Cause::deadline);
  EXPECT_EQ(by_nobody->cause(), Cause::open);
}

// Runs something in the middle of whatever asks for the time.
class InterruptingClock final : public Clock {
 public:
  Instant now() const noexcept override {
    if (--calls_before == 0) interrupt();
    return Instant(1000s);
  }
  mutable int calls_before = 0;
  std::function<void()> interrupt;
};

TEST(Batch, a_freeze_between_a_settles_look_and_its_swap_wins) {
  BatchWorld world;
  InterruptingClock clock;
  BatchSpec spec = world.spec(2);
  spec.deadline = Instant(2000s);
  const Ref<Batch> batch = Ref<Batch>::adopt(new Batch(std::move(spec), clock));
  clock.interrupt = [&] { batch->freeze(Cause::closed); };
  clock.calls_before = 2;  // the first is the look at the deadline
  EXPECT_FALSE(batch->settle(0, world.ok_outcome(40)));
  EXPECT_EQ(batch->cause(), Cause::closed);
  EXPECT_EQ(batch->last_settled(), nullptr);
  EXPECT_EQ(batch->outcome(0), nullptr);
  EXPECT_EQ(world.ledger->active(), 0u) << "the loser's body gives its charge back";
  EXPECT_EQ(world.ledger->delivered(), 0u);
}

TEST(Batch, the_first_cause_wins) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(2);
  EXPECT_TRUE(batch->freeze(Cause::cancelled));
  EXPECT_FALSE(batch->freeze(Cause::closed));
  EXPECT_FALSE(batch->freeze(Cause::deadline));
  EXPECT_FALSE(batch->settle(0, outcome_with(Status::ok)));
  EXPECT_EQ(batch->cause(), Cause::cancelled);
  EXPECT_EQ(world.host->frozen_count, 1u);
}

TEST(Batch, a_cancel_after_the_deadline_reads_as_the_deadline) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1);
  world.clock.set(batch->deadline() + 5ms);
  EXPECT_FALSE(batch->freeze(Cause::cancelled));
  EXPECT_EQ(batch->cause(), Cause::deadline);
  EXPECT_EQ(batch->frozen_at(), batch->deadline());
}

TEST(Batch, frozen_at_says_when_for_each_cause) {
  BatchWorld world;
  const Ref<Batch> complete = world.batch(1);
  const Ref<Batch> cancelled = world.batch(1);
  const Ref<Batch> late = world.batch(1);
  EXPECT_EQ(late->frozen_at(), kNever);
  world.clock.advance(20ms);
  complete->settle(0, outcome_with(Status::ok));
  world.clock.advance(20ms);
  cancelled->freeze(Cause::cancelled);
  world.clock.advance(1s);
  late->touch();
  EXPECT_EQ(complete->frozen_at() - complete->submitted_at(), 20ms);
  EXPECT_EQ(cancelled->frozen_at() - cancelled->submitted_at(), 40ms);
  EXPECT_EQ(late->frozen_at(), late->deadline());
}

TEST(Batch, row_58_a_batch_without_requests_is_complete_at_once) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(0);
  EXPECT_TRUE(batch->freeze(Cause::complete));
  EXPECT_EQ(batch->wait(kNever), Status::ok);
  std::uint32_t index = 0;
  EXPECT_EQ(batch->next(kNever, index), Status::end);
  EXPECT_EQ(batch->frozen_at(), batch->submitted_at());
}

TEST(Batch, row_58_duplicate_keys_settle_independently) {
  BatchWorld world;
  BatchSpec spec = world.spec(2);
  spec.requests[1].key = spec.requests[0].key;
  const Ref<Batch> batch = world.batch(std::move(spec));
  EXPECT_TRUE(batch->settle(0, outcome_with(Status::ok)));
  EXPECT_EQ(batch->outcome(1), nullptr);
  EXPECT_TRUE(batch->settle(1, outcome_with(Status::not_found)));
  EXPECT_EQ(batch->outcome(0)->status, Status::ok);
  EXPECT_EQ(batch->outcome(1)->status, Status::not_found);
}

TEST(Batch, row_58_a_batch_of_the_largest_size_completes) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(16'384);
  for (std::uint32_t i = 0; i < 16'384; ++i) ASSERT_TRUE(batch->settle(16'383 - i, outcome_with(Status::ok)));
  EXPECT_EQ(batch->cause(), Cause::complete);
  EXPECT_EQ(batch->last_settled()->number, 16'384u);
}

TEST(Batch, row_59_a_deadline_that_is_over_freezes_at_the_first_touch) {
  BatchWorld world;
  for (const Duration budget : {Duration(0), Duration(-1), Duration(-3600s)}) {
    const Ref<Batch> batch = world.batch(1, budget);
    EXPECT_FALSE(batch->settle(0, outcome_with(Status::ok)));
    EXPECT_EQ(batch->cause(), Cause::deadline);
    EXPECT_EQ(batch->frozen_at(), batch->submitted_at());
    EXPECT_EQ(batch->wait(kNever), Status::ok);
  }
}

TEST(Batch, row_59_a_deadline_at_the_end_of_time_stays_open) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1, Duration::max());
  EXPECT_EQ(batch->deadline(), kNever);
  world.clock.advance(std::chrono::hours(24 * 365));
  EXPECT_EQ(batch->touch(), Cause::open);
  EXPECT_EQ(batch->wait(world.clock.now()), Status::again);
}

TEST(Batch, what_was_not_settled_never_has_an_outcome_again) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(3);
  batch->settle(1, outcome_with(Status::ok));
  batch->freeze(Cause::closed);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(batch->outcome(0), nullptr);
    EXPECT_EQ(batch->outcome(1)->status, Status::ok);
    EXPECT_EQ(batch->outcome(2), nullptr);
    EXPECT_EQ(view_request(*batch, 0).status, Status::closed);
    EXPECT_FALSE(batch->settle(0, outcome_with(Status::ok)));
  }
}

TEST(Batch, status_of_names_what_unsettled_requests_read_as) {
  EXPECT_EQ(status_of(Cause::open), Status::again);
  EXPECT_EQ(status_of(Cause::complete), Status::ok);
  EXPECT_EQ(status_of(Cause::deadline), Status::deadline);
  EXPECT_EQ(status_of(Cause::cancelled), Status::cancelled);
  EXPECT_EQ(status_of(Cause::closed), Status::closed);
}

TEST(Batch, giving_it_up_cancels_it_and_clears_its_handle) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1);
  batch->handle.store(77);
  batch->give_up();
  EXPECT_EQ(batch->handle.load(), 0u);
  EXPECT_EQ(batch->cause(), Cause::cancelled);
  EXPECT_EQ(world.host->freed_count, 1u);
}

TEST(Batch, the_freeze_is_announced_once_however_many_ask) {
  BatchWorld world;
  BatchSpec spec = world.spec(2);
  auto *announcer = new RecordingAnnouncer;
  const Ref<Announcer> kept = Ref<Announcer>::adopt(announcer);
  spec.announcer = kept;
  const Ref<Batch> batch = world.batch(std::move(spec));
  batch->settle(0, outcome_with(Status::ok));
  EXPECT_EQ(announcer->settled_count, 0u) << "it does not stream";
  batch->freeze(Cause::cancelled);
  batch->announce_freeze();
  EXPECT_EQ(announcer->frozen_count, 1u);
}

TEST(Batch, one_that_streams_announces_each_settle_before_the_last) {
  BatchWorld world;
  BatchSpec spec = world.spec(3);
  auto *announcer = new RecordingAnnouncer;
  const Ref<Announcer> kept = Ref<Announcer>::adopt(announcer);
  spec.announcer = kept;
  spec.streams = true;
  const Ref<Batch> batch = world.batch(std::move(spec));
  for (std::uint32_t i = 0; i < 3; ++i) batch->settle(i, outcome_with(Status::ok));
  EXPECT_EQ(announcer->settled_count, 2u);
  EXPECT_EQ(announcer->frozen_count, 1u);
}

TEST(Batch, progress_after_the_deadline_does_not_hide_the_phase_that_it_met) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1, 300ms);
  batch->note_progress(0, {Phase::waiting, 1, 7, 299'999});
  batch->note_progress(0, {Phase::receiving, 1, 7, 300'000});
  world.clock.advance(301ms);
  ASSERT_EQ(batch->touch(), Cause::deadline);
  EXPECT_EQ(batch->unsettled(0).phase, Phase::waiting);
  EXPECT_EQ(batch->unsettled(0).since_us, 299'999u);
}

TEST(BatchProgress, the_first_reader_after_the_freeze_closes_it) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1);
  batch->note_progress(0, {Phase::connecting, 1, 7, 1000});
  batch->note_progress(0, {Phase::waiting, 2, 8, 2000});
  batch->freeze(Cause::cancelled);
  const ProgressReading first = batch->unsettled(0);
  EXPECT_EQ(first.phase, Phase::waiting);
  EXPECT_EQ(first.attempts, 2u);
  EXPECT_EQ(first.address_id, 8u);
  EXPECT_EQ(first.since_us, 2000u);
  batch->note_progress(0, {Phase::receiving, 3, 9, 3000});
  const ProgressReading second = batch->unsettled(0);
  EXPECT_EQ(second.phase, Phase::waiting);
  EXPECT_EQ(second.since_us, 2000u);
}

TEST(BatchProgress, a_note_that_comes_after_the_close_is_lost) {
  Progress progress;
  progress.note({Phase::securing, 1, 2, 3});
  progress.close();
  progress.note({Phase::receiving, 9, 9, 9});
  EXPECT_EQ(progress.close().phase, Phase::securing);
}

TEST(BatchProgress, numbers_that_do_not_fit_saturate) {
  Progress progress;
  progress.note({Phase::receiving, 1000, 4095, UINT64_MAX});
  const ProgressReading reading = progress.close();
  EXPECT_EQ(reading.phase, Phase::receiving);
  EXPECT_EQ(reading.attempts, 63u);
  EXPECT_EQ(reading.address_id, 4095u);
  EXPECT_EQ(reading.since_us, (std::uint64_t{1} << 42) - 1);
}

TEST(BatchPickup, the_lag_counts_from_the_freeze_to_the_first_look) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1);
  EXPECT_EQ(batch->pickup_lag(), 0ms);
  world.clock.set(batch->deadline() + 30ms);
  EXPECT_EQ(batch->wait(kNever), Status::ok);
  EXPECT_EQ(batch->pickup_lag(), 30ms);
  world.clock.advance(1s);
  EXPECT_EQ(batch->wait(kNever), Status::ok);
  EXPECT_EQ(batch->pickup_lag(), 30ms) << "the first look counts";
}

TEST(BatchPickup, a_look_before_the_freeze_is_no_pickup) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(1);
  EXPECT_EQ(batch->wait(world.clock.now()), Status::again);
  std::uint32_t index = 0;
  EXPECT_EQ(batch->next(world.clock.now(), index), Status::again);
  world.clock.advance(10ms);
  batch->settle(0, outcome_with(Status::ok));
  world.clock.advance(7ms);
  EXPECT_EQ(batch->wait(kNever), Status::ok);
  EXPECT_EQ(batch->pickup_lag(), 7ms);
}

TEST(BatchBytes, a_body_is_active_until_the_freeze_and_delivered_until_dropped) {
  BatchWorld world;
  Ref<Batch> batch = world.batch(2);
  batch->settle(0, world.ok_outcome(1000));
  EXPECT_EQ(world.ledger->active(), 1000u);
  EXPECT_EQ(world.ledger->delivered(), 0u);
  batch->freeze(Cause::cancelled);
  EXPECT_EQ(world.ledger->active(), 0u);
  EXPECT_EQ(world.ledger->delivered(), 1000u);
  Ref<Body> kept = batch->outcome(0)->body;
  batch = {};
  EXPECT_EQ(world.ledger->delivered(), 1000u) << "a body outlives its batch";
  EXPECT_EQ(kept->data()[999], 'x');
  kept = {};
  EXPECT_EQ(world.ledger->delivered(), 0u);
}

TEST(BatchBytes, a_settle_that_lost_drops_its_body_and_gives_the_charge_back) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(2);
  batch->settle(0, world.ok_outcome(10));
  world.clock.set(batch->deadline());
  EXPECT_FALSE(batch->settle(1, world.ok_outcome(500)));
  EXPECT_EQ(world.ledger->active(), 0u);
  EXPECT_EQ(world.ledger->delivered(), 10u);
}

TEST(BatchBytes, the_completing_body_is_delivered_as_well) {
  BatchWorld world;
  Ref<Batch> batch = world.batch(1);
  batch->settle(0, world.ok_outcome(123));
  EXPECT_EQ(world.ledger->active(), 0u);
  EXPECT_EQ(world.ledger->delivered(), 123u);
  batch = {};
  EXPECT_EQ(world.ledger->delivered(), 0u);
}

TEST(AddressBook, numbers_name_texts_for_ever_and_zero_names_none) {
  AddressBook book;
  const std::uint32_t first = book.id_of("192.0.2.1:443");
  EXPECT_EQ(book.id_of("[2001:db8::1]:443"), first + 1);
  EXPECT_EQ(book.id_of("192.0.2.1:443"), first);
  EXPECT_STREQ(book.text(first), "192.0.2.1:443");
  EXPECT_STREQ(book.text(0), "");
  EXPECT_STREQ(book.text(99'999), "");
}

TEST(AddressBook, one_that_is_full_answers_zero) {
  AddressBook book;
  for (int i = 0; i < 4095; ++i) ASSERT_NE(book.id_of(std::to_string(i)), 0u);
  EXPECT_EQ(book.id_of("another"), 0u);
  EXPECT_EQ(book.id_of("17"), 18u);
}

}  // namespace
}  // namespace octo
