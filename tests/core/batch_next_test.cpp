// Handing indexes out: settled ones in settle order, after the freeze the rest by index, each once.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "batch_fixture.hpp"

namespace octo {
namespace {

std::vector<std::uint32_t> take_all(Batch &batch) {
  std::vector<std::uint32_t> taken;
  std::uint32_t index = 0;
  while (batch.next(Instant{}, index) == Status::ok) taken.push_back(index);
  return taken;
}

TEST(BatchNext, gives_every_order_of_settling_back_and_then_the_rest_by_index) {
  constexpr std::uint32_t kCount = 5;
  std::vector<std::uint32_t> order(kCount);
  std::iota(order.begin(), order.end(), 0);
  do {
    for (std::size_t settled = 0; settled <= kCount; ++settled) {
      BatchWorld world;
      const Ref<Batch> batch = world.batch(kCount);
      for (std::size_t i = 0; i < settled; ++i) batch->settle(order[i], outcome_with(Status::ok));
      batch->freeze(Cause::cancelled);
      std::vector<std::uint32_t> expected(order.begin(), order.end());
      std::sort(expected.begin() + static_cast<std::ptrdiff_t>(settled), expected.end());
      ASSERT_EQ(take_all(*batch), expected);
      std::uint32_t index = 0;
      ASSERT_EQ(batch->next(kNever, index), Status::end);
      ASSERT_EQ(batch->next(kNever, index), Status::end) << "END stays";
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(BatchNext, gives_what_settles_between_two_calls) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(4);
  batch->settle(2, outcome_with(Status::ok));
  EXPECT_EQ(take_all(*batch), std::vector<std::uint32_t>{2});
  batch->settle(3, outcome_with(Status::ok));
  batch->settle(0, outcome_with(Status::ok));
  EXPECT_EQ(take_all(*batch), (std::vector<std::uint32_t>{3, 0}));
  std::uint32_t index = 0;
  EXPECT_EQ(batch->next(world.clock.now(), index), Status::again);
  batch->freeze(Cause::closed);
  EXPECT_EQ(take_all(*batch), std::vector<std::uint32_t>{1});
  EXPECT_EQ(batch->next(kNever, index), Status::end);
}

TEST(BatchNext, ends_after_the_last_of_a_complete_batch) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(2);
  batch->settle(1, outcome_with(Status::ok));
  batch->settle(0, outcome_with(Status::ok));
  EXPECT_EQ(take_all(*batch), (std::vector<std::uint32_t>{1, 0}));
  std::uint32_t index = 0;
  EXPECT_EQ(batch->next(kNever, index), Status::end);
}

TEST(BatchNext, wait_and_next_do_not_take_from_each_other) {
  BatchWorld world;
  const Ref<Batch> batch = world.batch(2);
  batch->settle(0, outcome_with(Status::ok));
  world.clock.set(batch->deadline());
  EXPECT_EQ(batch->wait(kNever), Status::ok);
  EXPECT_EQ(take_all(*batch), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(batch->wait(kNever), Status::ok);
}

}  // namespace
}  // namespace octo
