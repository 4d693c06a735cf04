// Which batches are remembered as the worst, and which make room.
#include "batch/worst_batches.hpp"

#include <gtest/gtest.h>

#include "batch_fixture.hpp"

namespace octo {
namespace {

constexpr Instant kStart = Instant{} + 60min;

BadBatch bad(std::uint64_t late, std::uint64_t count, Instant frozen_at = kStart, std::uint64_t pickup_lag_us = 0) {
  BadBatch made;
  made.frozen_at = frozen_at;
  made.summary.state = Cause::deadline;
  made.summary.request_count = count;
  made.summary.late_count = late;
  made.summary.ok_count = count - late;
  made.summary.pickup_lag_us = pickup_lag_us;
  return made;
}

TEST(WorstBatches, the_largest_share_comes_first_then_the_longest_pickup_lag_then_the_newest) {
  WorstBatches worst;
  worst.add(bad(5, 10), kStart);
  worst.add(bad(3, 3, kStart), kStart);
  worst.add(bad(6, 10), kStart);
  worst.add(bad(4, 4, kStart, 7), kStart);
  worst.add(bad(2, 2, kStart + 1ms), kStart);
  std::vector<std::uint64_t> counts;
  for (const BadBatch &one : worst.sorted()) counts.push_back(one.summary.request_count);
  EXPECT_EQ(counts, (std::vector<std::uint64_t>{4, 2, 3, 10, 10}));
  EXPECT_EQ(worst.sorted()[3].summary.late_count, 6u);
}

TEST(WorstBatches, the_least_bad_makes_room) {
  WorstBatches worst;
  for (std::uint64_t late = 1; late <= 40; ++late) worst.add(bad(late, 100), kStart);
  EXPECT_FALSE(worst.has_room(bad(8, 100), kStart));
  worst.add(bad(8, 100), kStart);
  const auto sorted = worst.sorted();
  ASSERT_EQ(sorted.size(), WorstBatches::kCountMax);
  EXPECT_EQ(sorted.front().summary.late_count, 40u);
  EXPECT_EQ(sorted.back().summary.late_count, 9u);
}

TEST(WorstBatches, what_is_long_ago_makes_room_however_bad_it_was) {
  WorstBatches worst;
  worst.add(bad(100, 100), kStart);
  for (std::uint64_t late = 2; late <= WorstBatches::kCountMax; ++late) worst.add(bad(50, 100, kStart + 1s), kStart);
  const Instant later = kStart + WorstBatches::kFresh + 1ms;
  EXPECT_EQ(worst.sorted().front().summary.late_count, 100u) << "it stays while there is room";
  worst.add(bad(1, 100, later), later);
  EXPECT_EQ(worst.sorted().front().summary.late_count, 50u);
  EXPECT_EQ(worst.sorted().back().summary.late_count, 1u);
}

TEST(WorstBatches, a_batch_is_bad_by_what_is_late_or_failed_unless_its_host_ended_it) {
  BatchWorld world;
  const auto is_bad = [](Batch &batch) {
    return WorstBatches::may_be_bad(batch) && WorstBatches::is_bad(summarize(batch));
  };
  const auto settled = [&](Status status) {
    Ref<Batch> batch = world.batch(2);
    batch->settle(0, outcome_with(Status::ok));
    batch->settle(1, outcome_with(status));
    return batch;
  };
  EXPECT_FALSE(is_bad(*settled(Status::ok)));
  EXPECT_FALSE(is_bad(*settled(Status::not_modified)));
  EXPECT_FALSE(is_bad(*settled(Status::not_found)));
  EXPECT_TRUE(is_bad(*settled(Status::shed)));
  EXPECT_TRUE(is_bad(*settled(Status::connect_failed)));
  for (const Cause cause : {Cause::cancelled, Cause::closed}) {
    const Ref<Batch> batch = world.batch(2);
    batch->freeze(cause);
    EXPECT_FALSE(is_bad(*batch));
  }
  const Ref<Batch> late = world.batch(2);
  EXPECT_FALSE(WorstBatches::is_bad(summarize(*late))) << "it is open";
  world.clock.advance(300ms);
  EXPECT_TRUE(is_bad(*late));
  EXPECT_FALSE(WorstBatches::may_be_bad(*world.batch(0)));
  BatchSpec warming = world.spec(1, 0ms);
  warming.requests[0].warms = true;
  EXPECT_FALSE(WorstBatches::may_be_bad(*world.batch(std::move(warming))));
}

}  // namespace
}  // namespace octo
