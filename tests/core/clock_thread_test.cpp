// The clock thread, on real time with wide bounds: batches of queues freeze at their deadlines though nobody touches them.
#include "client/clock_thread.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/os_generation.hpp"
#include "base/os_thread.hpp"
#include "client/engine.hpp"
#include "client/queue.hpp"

namespace octo {
namespace {

constexpr Duration kPatience = 20s;

class ClockWorld {
 public:
  ~ClockWorld() {
    clock_stop();
    EXPECT_TRUE(wait_for_threads(system_clock().now() + kPatience));
  }

  // A batch on the system's clock that announces itself to the queue; the engine never starts.
  Ref<Batch> add(Duration budget, std::uint64_t tag) {
    auto admission = std::make_shared<Admission>(engine);
    BatchSpec spec;
    spec.submitted_at = system_clock().now();
    spec.deadline = spec.submitted_at + budget;
    spec.requests.resize(1);
    spec.host = admission;
    spec.announcer = Ref<Announcer>::share(queue.get());
    spec.tag = tag;
    spec.ledger = engine->ledger_ref();
    spec.addresses = engine->address_book();
    const Ref<Batch> batch = Ref<Batch>::adopt(new Batch(std::move(spec), system_clock()));
    admission->batch = batch.get();
    admissions.push_back(admission);
    EXPECT_TRUE(clock_add(*admission));
    return batch;
  }
  // The next event; fails the test when none comes.
  QueueEvent take() {
    QueueEvent event;
    for (const Instant until = system_clock().now() + kPatience; system_clock().now() < until;) {
      if (queue->take(&event, 1) == 1) return event;
      pollfd wait{queue->fd(), POLLIN, 0};
      ::poll(&wait, 1, 1000);
    }
    ADD_FAILURE() << "no event came";
    return event;
  }
  // Whoever held the batch beside the test let go of it.
  static bool is_gone(const std::weak_ptr<Admission> &admission) {
    for (const Instant until = system_clock().now() + kPatience; system_clock().now() < until;) {
      if (admission.expired()) return true;
      ::poll(nullptr, 0, 1);
    }
    return false;
  }

  std::shared_ptr<Engine> engine =
      std::make_shared<Engine>(std::make_shared<const EngineConfig>(), process_generation());
  Ref<Queue> queue = std::move(Queue::create(nullptr, nullptr).value());
  std::vector<std::weak_ptr<Admission>> admissions;
};

TEST(ClockThread, freezes_a_batch_at_its_deadline_though_nobody_touches_it) {
  ClockWorld world;
  const Ref<Batch> batch = world.add(30ms, 5);
  const QueueEvent event = world.take();
  EXPECT_EQ(event.tag, 5u);
  EXPECT_TRUE(event.is_frozen);
  EXPECT_EQ(batch->cause(), Cause::deadline);
  EXPECT_GE(system_clock().now(), batch->deadline());
}

TEST(ClockThread, none_of_many_batches_comes_early_or_twice) {
  ClockWorld world;
  std::vector<Ref<Batch>> batches;
  for (std::uint64_t tag = 0; tag < 200; ++tag)
    batches.push_back(world.add(Duration(1ms) * (10 + tag * 37 % 150), tag));
  std::vector<int> seen(batches.size(), 0);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const QueueEvent event = world.take();
    ++seen[event.tag];
    EXPECT_GE(system_clock().now(), batches[event.tag]->deadline());
  }
  for (const int count : seen) EXPECT_EQ(count, 1);
}

TEST(ClockThread, an_earlier_deadline_that_comes_later_is_not_late) {
  ClockWorld world;
  const Ref<Batch> patient = world.add(600s, 1);
  const Ref<Batch> hasty = world.add(20ms, 2);
  EXPECT_EQ(world.take().tag, 2u);
  EXPECT_EQ(patient->cause(), Cause::open);
  patient->freeze(Cause::closed);
  EXPECT_EQ(world.take().tag, 1u);
}

TEST(ClockThread, lets_go_of_a_batch_that_froze_before_its_deadline) {
  ClockWorld world;
  Ref<Batch> batch = world.add(600s, 1);
  Outcome outcome;
  outcome.status = Status::ok;
  EXPECT_TRUE(batch->settle(0, std::move(outcome)));
  EXPECT_EQ(world.take().tag, 1u);
  batch = {};
  EXPECT_TRUE(ClockWorld::is_gone(world.admissions[0]));
}

TEST(ClockThread, lets_go_of_a_batch_at_its_deadline) {
  ClockWorld world;
  Ref<Batch> batch = world.add(10ms, 1);
  EXPECT_EQ(world.take().tag, 1u);
  batch = {};
  EXPECT_TRUE(ClockWorld::is_gone(world.admissions[0]));
}

TEST(ClockThread, a_batch_that_is_over_is_announced_all_the_same) {
  ClockWorld world;
  const Ref<Batch> batch = world.add(-1ms, 3);
  EXPECT_EQ(world.take().tag, 3u);
}

TEST(ClockThread, stops_when_it_is_told_to_and_starts_again_with_the_next_batch) {
  for (int round = 0; round < 50; ++round) {
    ClockWorld world;
    const Ref<Batch> batch = world.add(round % 2 == 0 ? Duration(1ms) : Duration(600s), 1);
    if (round % 2 == 1) batch->freeze(Cause::cancelled);
    EXPECT_EQ(world.take().tag, 1u);
    clock_stop();
    ASSERT_TRUE(wait_for_threads(system_clock().now() + kPatience)) << round;
  }
}

}  // namespace
}  // namespace octo
