// What of a batch must hold whoever fights over it: one freeze, after which nothing changes, and each index handed out
// once. The long run is in long/.
#include "batch_race.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

#include "batch_fixture.hpp"

namespace octo {
namespace {

TEST(BatchRace, reads_the_same_at_the_freeze_and_later_over_2000_freezes) {
  BatchRace race;
  race.run(2000);
  const BatchRace::Totals &totals = race.totals();
  // Else the rounds showed nothing.
  EXPECT_GT(totals.complete, 50u);
  EXPECT_GT(totals.deadline, 50u);
  EXPECT_GT(totals.cancelled, 50u);
  EXPECT_GT(totals.closed, 50u);
  EXPECT_GT(totals.partial, 50u);
  EXPECT_GT(totals.settles_lost, 50u);
}

// Each index exactly once, over takers that meet in a batch that settles and freezes meanwhile. Those that poll look at
// the very moment of a settle, those that wait sleep through it.
void share_out(bool polls) {
  constexpr std::uint32_t kCount = 16'384;
  BatchWorld world;
  world.clock.set(Instant(std::chrono::hours(24 * 3650)));
  const Ref<Batch> batch = world.batch(kCount);
  std::vector<std::atomic<std::uint32_t>> taken(kCount);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::uint32_t index = 0;
      Status status = Status::ok;
      while (status != Status::end) {
        status = batch->next(polls ? Instant{} : kNever, index);
        if (status == Status::ok) taken[index].fetch_add(1);
      }
    });
  }
  for (std::uint32_t share = 0; share < 2; ++share) {
    threads.emplace_back([&, share] {
      for (std::uint32_t i = share; i < kCount - kCount / 8; i += 2) batch->settle(i, outcome_with(Status::ok));
      if (share == 0) batch->freeze(Cause::cancelled);
    });
  }
  for (std::thread &thread : threads) thread.join();
  for (std::uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(taken[i], 1u) << i;
}

TEST(BatchRace, four_takers_that_wait_share_16384_indexes_without_loss_or_double) { share_out(false); }

TEST(BatchRace, four_takers_that_poll_share_16384_indexes_without_loss_or_double) { share_out(true); }

// A settler may be held up right behind its swap, before it has published the outcome to readers by index.
TEST(BatchRace, what_was_swapped_in_before_the_freeze_is_seen_at_once) {
  constexpr int kRounds = 5000;
  std::barrier<> barrier(2);
  Ref<Batch> batch;
  BatchWorld world;
  std::thread settler([&] {
    for (int round = 0; round < kRounds; ++round) {
      barrier.arrive_and_wait();
      for (std::uint32_t i = 0; i < 8; ++i) batch->settle(i, outcome_with(Status::ok));
      barrier.arrive_and_wait();
    }
  });
  std::uint64_t differences = 0;
  for (int round = 0; round < kRounds; ++round) {
    batch = world.batch(9);
    const auto target = static_cast<std::uint32_t>(1 + round % 7);
    barrier.arrive_and_wait();
    while (batch->last_settled() == nullptr || batch->last_settled()->number < target) {
    }
    batch->freeze(Cause::deadline);
    differences += batch->outcome(batch->last_settled()->index) == nullptr ? 1 : 0;
    std::uint32_t seen = 0;
    for (std::uint32_t i = 0; i < 9; ++i) seen += batch->outcome(i) == nullptr ? 0 : 1;
    differences += seen == batch->last_settled()->number ? 0 : 1;
    barrier.arrive_and_wait();
  }
  settler.join();
  EXPECT_EQ(differences, 0u);
}

TEST(BatchRace, many_freezers_agree_on_one_cause) {
  for (int round = 0; round < 300; ++round) {
    BatchWorld world;
    const Ref<Batch> batch = world.batch(1);
    std::atomic<std::uint32_t> winners{0};
    std::vector<std::thread> threads;
    for (const Cause cause : {Cause::cancelled, Cause::closed, Cause::deadline}) {
      threads.emplace_back([&, cause] { winners.fetch_add(batch->freeze(cause) ? 1 : 0); });
    }
    for (std::thread &thread : threads) thread.join();
    ASSERT_EQ(winners, 1u);
    ASSERT_EQ(world.host->frozen_count, 1u);
    ASSERT_EQ(world.host->last_cause, batch->cause());
  }
}

// A waiter that sleeps in the futex must be woken by whatever freezes the batch.
TEST(BatchRace, every_waiter_wakes_at_the_freeze) {
  for (int round = 0; round < 200; ++round) {
    BatchWorld world;
    world.clock.set(Instant(std::chrono::hours(24 * 3650)));
    const Ref<Batch> batch = world.batch(1);
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        ready.fetch_add(1);
        EXPECT_EQ(batch->wait(kNever), Status::ok);
      });
    }
    while (ready != 3) std::this_thread::yield();
    if (round % 2 == 0) {
      batch->settle(0, outcome_with(Status::ok));
    } else {
      world.clock.set(batch->deadline());
      batch->touch();
    }
    for (std::thread &thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace octo
