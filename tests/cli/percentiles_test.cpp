// Tests of the nearest-rank percentiles.
#include "percentiles.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace octo::cli {
namespace {

TEST(Percentiles, of_one_value_are_that_value) {
  const Percentiles percentiles = percentiles_of({7});
  EXPECT_EQ(percentiles.p50, 7u);
  EXPECT_EQ(percentiles.p90, 7u);
  EXPECT_EQ(percentiles.p99, 7u);
  EXPECT_EQ(percentiles.max, 7u);
}

TEST(Percentiles, of_a_hundred_values_are_the_values_at_their_rank) {
  std::vector<std::uint64_t> values(100);
  std::iota(values.rbegin(), values.rend(), 1u);
  const Percentiles percentiles = percentiles_of(values);
  EXPECT_EQ(percentiles.p50, 50u);
  EXPECT_EQ(percentiles.p90, 90u);
  EXPECT_EQ(percentiles.p99, 99u);
  EXPECT_EQ(percentiles.max, 100u);
}

TEST(Percentiles, are_never_below_their_share) {
  const Percentiles percentiles = percentiles_of({10, 20, 30});
  EXPECT_EQ(percentiles.p50, 20u);
  EXPECT_EQ(percentiles.p90, 30u);
}

}  // namespace
}  // namespace octo::cli
