// Which flight is next: priority, then the earliest deadline, fair among equals, and no batch so large that others starve.
#include "schedule/flight_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "batch_fixture.hpp"

namespace octo {
namespace {

class QueueWorld : public BatchWorld {
 public:
  // A group whose flights have these priorities.
  FlightGroup &group(const std::vector<Priority> &priorities, Duration budget) {
    groups.push_back(std::make_unique<FlightGroup>());
    FlightGroup &made = *groups.back();
    made.batch = batch(static_cast<std::uint32_t>(priorities.size()), budget);
    made.flights.resize(priorities.size());
    for (std::uint32_t i = 0; i < priorities.size(); ++i) {
      made.flights[i].group = &made;
      made.flights[i].index = i;
      made.lines[static_cast<std::size_t>(priorities[i])].indexes.push_back(i);
    }
    return made;
  }
  FlightGroup &group(std::size_t count, Duration budget) {
    return group(std::vector<Priority>(count, Priority::normal), budget);
  }

  std::vector<std::unique_ptr<FlightGroup>> groups;
};

Flight *pop(FlightQueue &queue) {
  Flight *flight = queue.front();
  if (flight != nullptr) queue.pop_front();
  return flight;
}

TEST(FlightQueue, is_empty_at_first) {
  const FlightQueue queue(256);
  EXPECT_EQ(queue.front(), nullptr);
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.latest_deadline(), Instant{});
}

TEST(FlightQueue, serves_the_earliest_deadline_first) {
  QueueWorld world;
  FlightQueue queue(256);
  FlightGroup &late = world.group(2, 300ms);
  FlightGroup &early = world.group(2, 100ms);
  FlightGroup &middle = world.group(2, 200ms);
  queue.add(late);
  queue.add(early);
  queue.add(middle);
  EXPECT_EQ(queue.latest_deadline(), late.batch->deadline());
  std::vector<FlightGroup *> order;
  while (Flight *flight = pop(queue)) order.push_back(flight->group);
  EXPECT_EQ(order, (std::vector<FlightGroup *>{&early, &early, &middle, &middle, &late, &late}));
}

TEST(FlightQueue, serves_a_higher_priority_before_an_earlier_deadline) {
  QueueWorld world;
  FlightQueue queue(256);
  FlightGroup &soon = world.group({Priority::normal, Priority::optional, Priority::normal}, 50ms);
  FlightGroup &required = world.group({Priority::normal, Priority::required}, 500ms);
  queue.add(soon);
  queue.add(required);
  std::vector<std::pair<FlightGroup *, std::uint32_t>> order;
  while (Flight *flight = pop(queue)) order.emplace_back(flight->group, flight->index);
  const std::vector<std::pair<FlightGroup *, std::uint32_t>> expected = {
      {&required, 1}, {&soon, 0}, {&soon, 2}, {&required, 0}, {&soon, 1}};
  EXPECT_EQ(order, expected);
}

TEST(FlightQueue, batches_with_equal_deadlines_take_turns) {
  QueueWorld world;
  FlightQueue queue(256);
  FlightGroup &first = world.group(3, 100ms);
  FlightGroup &second = world.group(3, 100ms);
  queue.add(first);
  queue.add(second);
  std::vector<FlightGroup *> order;
  while (Flight *flight = pop(queue)) order.push_back(flight->group);
  EXPECT_EQ(order, (std::vector<FlightGroup *>{&first, &second, &first, &second, &first, &second}));
}

TEST(FlightQueue, flights_of_one_batch_keep_their_order) {
  QueueWorld world;
  FlightQueue queue(4);
  queue.add(world.group(20, 100ms));
  for (std::uint32_t i = 0; i < 20; ++i) ASSERT_EQ(pop(queue)->index, i);
  EXPECT_EQ(queue.front(), nullptr);
}

TEST(FlightQueue, a_16384_key_batch_falls_behind_those_that_come_after_it) {
  QueueWorld world;
  constexpr std::uint32_t kTurn = 256;
  FlightQueue queue(kTurn);
  FlightGroup &huge = world.group(16'384, 1200ms);
  queue.add(huge);
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(pop(queue)->group, &huge);
  world.clock.advance(400ms);
  FlightGroup &small = world.group(10, 1200ms);
  queue.add(small);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(pop(queue)->group, &small) << i;
  // One with three times the budget waits for as many turns of the huge one, not for its end.
  FlightGroup &patient = world.group(10, 8s);
  queue.add(patient);
  std::uint32_t before = 0;
  while (pop(queue)->group == &huge) ++before;
  EXPECT_LE(before, 8 * kTurn);
}

TEST(FlightQueue, a_removed_batch_leaves_nothing_behind) {
  QueueWorld world;
  FlightQueue queue(256);
  FlightGroup &gone = world.group({Priority::required, Priority::normal, Priority::optional}, 900ms);
  FlightGroup &stays = world.group(2, 100ms);
  queue.add(gone);
  queue.add(stays);
  pop(queue);
  queue.remove(gone);
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.latest_deadline(), stays.batch->deadline());
  queue.remove(gone);
  EXPECT_EQ(pop(queue)->group, &stays);
  EXPECT_EQ(pop(queue)->group, &stays);
  EXPECT_EQ(pop(queue), nullptr);
}

TEST(FlightQueue, random_adding_and_removing_loses_and_doubles_nothing) {
  std::minstd_rand random(11);
  for (int round = 0; round < 200; ++round) {
    QueueWorld world;
    FlightQueue queue(1 + static_cast<std::uint32_t>(random()) % 8);
    std::map<const Flight *, int> popped;
    std::size_t removed = 0;
    std::size_t added = 0;
    for (int step = 0; step < 30; ++step) {
      if (random() % 3 != 0) {
        std::vector<Priority> priorities(1 + random() % 12);
        for (Priority &priority : priorities) priority = static_cast<Priority>(random() % kPriorityCount);
        added += priorities.size();
        queue.add(world.group(priorities, Duration(1ms) * (1 + static_cast<std::int64_t>(random() % 4))));
      } else if (!world.groups.empty()) {
        const std::size_t before = queue.size();
        queue.remove(*world.groups[random() % world.groups.size()]);
        removed += before - queue.size();
      }
      for (std::uint32_t i = static_cast<std::uint32_t>(random()) % 6; i > 0 && queue.front() != nullptr; --i) {
        ++popped[pop(queue)];
      }
    }
    while (Flight *flight = pop(queue)) ++popped[flight];
    ASSERT_EQ(popped.size() + removed, added);
    ASSERT_EQ(queue.size(), 0u);
    for (const auto &[flight, count] : popped) ASSERT_EQ(count, 1);
  }
}

}  // namespace
}  // namespace octo
