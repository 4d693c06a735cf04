// The promise "final" at length: after the freeze nothing of a batch changes, over 100,000 freezes.
#include <gtest/gtest.h>

#include "batch_race.hpp"

namespace octo {
namespace {

TEST(BatchRaceLong, reads_the_same_at_the_freeze_and_later_over_100000_freezes) {
  BatchRace race;
  race.run(100'000);
  const BatchRace::Totals &totals = race.totals();
  EXPECT_EQ(totals.complete + totals.deadline + totals.cancelled + totals.closed, 100'000u);
  for (const std::uint64_t count :
       {totals.complete, totals.deadline, totals.cancelled, totals.closed, totals.partial, totals.settles_lost}) {
    EXPECT_GT(count, 1000u) << "a kind of freeze that hardly occurs shows nothing";
  }
}

}  // namespace
}  // namespace octo
