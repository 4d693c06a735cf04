// The event queue: one wake per edge, one event per batch however often it announces, and silence after close.
#include "client/queue.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "batch_fixture.hpp"

namespace octo {
namespace {

bool is_readable(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, 0) == 1;
}

class QueueWorld : public BatchWorld {
 public:
  explicit QueueWorld(bool with_hook = false)
      : queue(std::move(Queue::create(with_hook ? &QueueWorld::on_wake : nullptr, this).value())) {}

  static void on_wake(void *self) { static_cast<QueueWorld *>(self)->wakes.fetch_add(1); }
  Ref<Batch> announcing(std::uint64_t tag, std::uint32_t requests = 2, bool streams = false) {
    BatchSpec made = spec(requests, 600s);
    made.announcer = Ref<Announcer>::share(queue.get());
    made.streams = streams;
    made.tag = tag;
    Ref<Batch> result = batch(std::move(made));
    result->handle = 1000 + tag;
    return result;
  }
  std::vector<QueueEvent> take(std::size_t count_max = 16) {
    std::vector<QueueEvent> events(count_max);
    events.resize(queue->take(events.data(), count_max));
    return events;
  }

  std::atomic<int> wakes{0};
  Ref<Queue> queue;
};

TEST(Queue, tells_of_a_frozen_batch_once) {
  QueueWorld world;
  const Ref<Batch> batch = world.announcing(7);
  EXPECT_FALSE(is_readable(world.queue->fd()));
  batch->freeze(Cause::cancelled);
  EXPECT_TRUE(is_readable(world.queue->fd()));
  const std::vector<QueueEvent> events = world.take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].batch_handle, 1007u);
  EXPECT_EQ(events[0].tag, 7u);
  EXPECT_TRUE(events[0].is_frozen);
  EXPECT_FALSE(is_readable(world.queue->fd()));
  batch->announce_freeze();
  EXPECT_TRUE(world.take().empty());
}

TEST(Queue, events_come_in_the_order_of_their_announcement) {
  QueueWorld world;
  std::vector<Ref<Batch>> batches;
  for (std::uint64_t tag = 0; tag < 6; ++tag) batches.push_back(world.announcing(tag));
  for (const std::size_t i : {3, 1, 4}) batches[i]->freeze(Cause::closed);
  EXPECT_EQ(world.take(1)[0].tag, 3u);
  for (const std::size_t i : {0, 5}) batches[i]->freeze(Cause::closed);
  std::vector<std::uint64_t> tags;
  for (const QueueEvent &event : world.take()) tags.push_back(event.tag);
  EXPECT_EQ(tags, (std::vector<std::uint64_t>{1, 4, 0, 5}));
}

TEST(Queue, what_is_left_keeps_the_descriptor_readable) {
  QueueWorld world;
  std::vector<Ref<Batch>> batches;
  for (std::uint64_t tag = 0; tag < 3; ++tag) batches.push_back(world.announcing(tag));
  for (const Ref<Batch> &batch : batches) batch->freeze(Cause::closed);
  for (int left = 2; left >= 0; --left) {
    EXPECT_EQ(world.take(1).size(), 1u);
    EXPECT_EQ(is_readable(world.queue->fd()), left > 0) << left;
  }
}

TEST(Queue, settles_between_two_takes_are_one_event) {
  QueueWorld world;
  const Ref<Batch> batch = world.announcing(1, 5, true);
  batch->settle(0, outcome_with(Status::ok));
  batch->settle(1, outcome_with(Status::ok));
  std::vector<QueueEvent> events = world.take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_FALSE(events[0].is_frozen);
  batch->settle(2, outcome_with(Status::ok));
  batch->freeze(Cause::cancelled);
  events = world.take();
  ASSERT_EQ(events.size(), 1u) << "frozen includes settled";
  EXPECT_TRUE(events[0].is_frozen);
}

TEST(Queue, the_hook_runs_once_per_edge) {
  QueueWorld world(true);
  EXPECT_EQ(world.queue->fd(), -1);
  std::vector<Ref<Batch>> batches;
  for (std::uint64_t tag = 0; tag < 5; ++tag) batches.push_back(world.announcing(tag));
  for (std::size_t i = 0; i < 3; ++i) batches[i]->freeze(Cause::closed);
  EXPECT_EQ(world.wakes, 1);
  EXPECT_EQ(world.take(2).size(), 2u);
  batches[3]->freeze(Cause::closed);
  EXPECT_EQ(world.wakes, 1) << "it was not empty";
  EXPECT_EQ(world.take().size(), 2u);
  batches[4]->freeze(Cause::closed);
  EXPECT_EQ(world.wakes, 2);
  EXPECT_EQ(world.take().size(), 1u);
}

TEST(Queue, a_batch_that_was_freed_comes_without_its_handle) {
  QueueWorld world;
  Ref<Batch> batch = world.announcing(9);
  batch->give_up();
  batch = {};
  const std::vector<QueueEvent> events = world.take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].batch_handle, 0u);
  EXPECT_EQ(events[0].tag, 9u);
}

TEST(Queue, taking_nothing_changes_nothing) {
  QueueWorld world;
  const Ref<Batch> batch = world.announcing(1);
  batch->freeze(Cause::closed);
  EXPECT_TRUE(world.take(0).empty());
  EXPECT_TRUE(is_readable(world.queue->fd()));
  EXPECT_EQ(world.take().size(), 1u);
}

TEST(Queue, after_close_nothing_is_announced_and_the_hook_is_silent) {
  QueueWorld world(true);
  const Ref<Batch> before = world.announcing(1);
  const Ref<Batch> after = world.announcing(2);
  before->freeze(Cause::closed);
  EXPECT_EQ(world.wakes, 1);
  world.queue->close();
  after->freeze(Cause::closed);
  EXPECT_EQ(world.wakes, 1);
  EXPECT_TRUE(world.take().empty());
  world.queue->close();
}

// Each batch is announced exactly once, and a reader that sleeps on the descriptor is always woken.
TEST(QueueRace, every_freeze_arrives_once_at_a_reader_that_sleeps) {
  constexpr std::uint64_t kBatches = 4000;
  QueueWorld world;
  std::vector<Ref<Batch>> batches;
  for (std::uint64_t tag = 0; tag < kBatches; ++tag) batches.push_back(world.announcing(tag, 3, true));
  std::vector<int> frozen(kBatches, 0);
  std::size_t frozen_count = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t share = 0; share < 3; ++share) {
    threads.emplace_back([&, share] {
      for (std::uint64_t tag = share; tag < kBatches; tag += 3) {
        batches[tag]->settle(0, outcome_with(Status::ok));
        batches[tag]->settle(1, outcome_with(Status::ok));
        batches[tag]->freeze(Cause::cancelled);
      }
    });
  }
  while (frozen_count < kBatches) {
    pollfd wait{world.queue->fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&wait, 1, 20'000), 1) << "a wake-up was lost";
    for (const QueueEvent &event : world.take(7)) {
      if (!event.is_frozen) continue;
      ++frozen[event.tag];
      ++frozen_count;
    }
  }
  for (std::thread &thread : threads) thread.join();
  for (const int count : frozen) ASSERT_EQ(count, 1);
}

// With a hook: whenever the queue goes from empty to not empty, exactly one wake.
TEST(QueueRace, wakes_and_takes_balance) {
  constexpr std::uint64_t kBatches = 4000;
  constexpr std::size_t kAtOnce = 3;
  const auto end = std::chrono::steady_clock::now() + 60s;
  QueueWorld world(true);
  std::vector<Ref<Batch>> batches;
  for (std::uint64_t tag = 0; tag < kBatches; ++tag) batches.push_back(world.announcing(tag));
  std::vector<std::thread> threads;
  for (std::uint64_t share = 0; share < 2; ++share) {
    threads.emplace_back([&, share] {
      for (std::uint64_t tag = share; tag < kBatches; tag += 2) batches[tag]->freeze(Cause::closed);
    });
  }
  std::uint64_t taken = 0;
  int wakes_seen = 0;
  while (taken < kBatches) {
    // As a host does: sleeps until the hook ran, then takes until it gets fewer than it asked for.
    if (world.wakes == wakes_seen) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "a wake-up was lost after " << taken;
      std::this_thread::yield();
      continue;
    }
    wakes_seen = world.wakes;
    for (std::size_t count = kAtOnce; count == kAtOnce; taken += count) count = world.take(kAtOnce).size();
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(taken, kBatches);
  EXPECT_GT(world.wakes, 0);
}

TEST(QueueRace, close_waits_for_whoever_announces) {
  for (int round = 0; round < 200; ++round) {
    QueueWorld world(true);
    std::vector<Ref<Batch>> batches;
    for (std::uint64_t tag = 0; tag < 40; ++tag) batches.push_back(world.announcing(tag));
    std::atomic<bool> is_begun{false};
    std::vector<std::thread> threads;
    for (std::uint64_t share = 0; share < 2; ++share) {
      threads.emplace_back([&, share] {
        for (std::uint64_t tag = share; tag < 40; tag += 2) {
          batches[tag]->freeze(Cause::closed);
          is_begun = true;
          world.take(1);
        }
      });
    }
    while (!is_begun) std::this_thread::yield();
    world.queue->close();
    const int wakes = world.wakes;
    for (std::thread &thread : threads) thread.join();
    ASSERT_EQ(world.wakes, wakes);
  }
}

}  // namespace
}  // namespace octo
