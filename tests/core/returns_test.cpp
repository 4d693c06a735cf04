// What the host gives back is deleted once: on the thread that collects, or at once where there is none.
#include "base/returns.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "batch_fixture.hpp"

namespace octo {
namespace {

struct CountingWaker final : Waker {
  void wake() noexcept override { wakes.fetch_add(1); }
  std::atomic<int> wakes{0};
};

// Counts its end, and says on which thread it came.
class Thing final : public Returned {
 public:
  explicit Thing(std::atomic<int> &ends, std::atomic<std::thread::id> *ended_on = nullptr)
      : ends_(ends), ended_on_(ended_on) {}
  ~Thing() override {
    ends_.fetch_add(1);
    if (ended_on_ != nullptr) ended_on_->store(std::this_thread::get_id());
  }

 private:
  std::atomic<int> &ends_;
  std::atomic<std::thread::id> *const ended_on_;
};

class ReturnsTest : public ::testing::Test {
 protected:
  ~ReturnsTest() override { returns.close(); }

  void give(int count, std::uint64_t bytes) {
    for (int i = 0; i < count; ++i) returns.give(new Thing(ends), bytes);
  }

  std::atomic<int> ends{0};
  std::shared_ptr<CountingWaker> waker = std::make_shared<CountingWaker>();
  Returns returns{waker};
};

TEST_F(ReturnsTest, deletes_at_once_what_nobody_collects) {
  give(1, 100);
  EXPECT_EQ(ends, 1);
  returns.open();
  returns.close();
  give(1, 100);
  EXPECT_EQ(ends, 2);
  EXPECT_EQ(waker->wakes, 0);
}

TEST_F(ReturnsTest, deletes_on_the_thread_that_collects) {
  std::atomic<std::thread::id> ended_on{};
  returns.open();
  std::thread([&] { returns.give(new Thing(ends, &ended_on), 100); }).join();
  EXPECT_EQ(ends, 0);
  EXPECT_FALSE(returns.collect());
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(ended_on.load(), std::this_thread::get_id());
  EXPECT_FALSE(returns.collect());
}

TEST_F(ReturnsTest, closing_deletes_all_that_waits) {
  returns.open();
  give(3, Returns::kSliceBytes);
  EXPECT_TRUE(returns.collect());
  give(2, 100);
  EXPECT_EQ(ends, 1);
  returns.close();
  EXPECT_EQ(ends, 5);
}

TEST_F(ReturnsTest, wakes_once_for_each_slice_that_waits) {
  returns.open();
  give(3, Returns::kSliceBytes / 4);
  EXPECT_EQ(waker->wakes, 0);
  give(1, Returns::kSliceBytes / 4);
  EXPECT_EQ(waker->wakes, 1);
  give(10, Returns::kSliceBytes);
  EXPECT_EQ(waker->wakes, 1);
  while (returns.collect()) {
  }
  EXPECT_EQ(ends, 14);
  give(1, Returns::kSliceBytes);
  EXPECT_EQ(waker->wakes, 2);
}

TEST_F(ReturnsTest, a_turn_deletes_one_slice) {
  returns.open();
  give(12, Returns::kSliceBytes / 4);
  EXPECT_TRUE(returns.collect());
  EXPECT_EQ(ends, 4);
  EXPECT_TRUE(returns.collect());
  EXPECT_EQ(ends, 8);
  EXPECT_FALSE(returns.collect());
  EXPECT_EQ(ends, 12);
}

TEST_F(ReturnsTest, however_much_waits_eight_turns_delete_it) {
  returns.open();
  give(80, Returns::kSliceBytes);
  int turns = 1;
  while (returns.collect()) ++turns;
  EXPECT_EQ(turns, 8);
  EXPECT_EQ(ends, 80);
}

TEST_F(ReturnsTest, asks_to_be_turned_again_for_what_a_deleted_thing_gave_back) {
  struct Holder final : Returned {
    Holder(Returns &where, std::atomic<int> &count) : returns(where), ends(count) {}
    ~Holder() override { returns.give(new Thing(ends), 100); }
    Returns &returns;
    std::atomic<int> &ends;
  };
  returns.open();
  returns.give(new Holder(returns, ends), 100);
  EXPECT_TRUE(returns.collect());
  EXPECT_EQ(ends, 0);
  EXPECT_FALSE(returns.collect());
  EXPECT_EQ(ends, 1);
}

TEST_F(ReturnsTest, a_forked_child_deletes_at_once_what_its_parents_thread_would) {
  returns.open();
  const pid_t child = ::fork();
  if (child == 0) {
    give(1, 100);
    ::_exit(ends == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ReturnsTest, deletes_each_thing_once_however_often_the_thread_that_collects_ends) {
  constexpr int kGivers = 3;
  constexpr int kEach = 20'000;
  std::atomic<int> running{kGivers};
  std::vector<std::thread> givers;
  for (int i = 0; i < kGivers; ++i) {
    givers.emplace_back([&] {
      give(kEach, Returns::kSliceBytes / 64);
      running.fetch_sub(1);
    });
  }
  while (running > 0) {
    returns.open();
    for (int turn = 0; turn < 50; ++turn) returns.collect();
    returns.close();
  }
  for (std::thread &giver : givers) giver.join();
  EXPECT_EQ(ends, kGivers * kEach);
}

class GivenBackTest : public ::testing::Test, public BatchWorld {
 protected:
  ~GivenBackTest() override { ledger->returns().close(); }
};

TEST_F(GivenBackTest, the_gauges_know_at_once_of_bodies_whose_memory_waits) {
  ledger->returns().open();
  {
    const Ref<Batch> batch = this->batch(2);
    ASSERT_TRUE(batch->settle(0, ok_outcome(5000)));
    // Frozen, so that its body is not delivered, and comes back as well.
    const Outcome late = ok_outcome(700);
    ASSERT_TRUE(batch->freeze(Cause::cancelled));
    EXPECT_FALSE(batch->settle(1, late));
    EXPECT_EQ(ledger->delivered(), 5000u);
    EXPECT_EQ(ledger->active(), 700u);
  }
  EXPECT_EQ(ledger->delivered() + ledger->active(), 0u);
  // Two bodies and the batch, of which the host has gone.
  EXPECT_EQ(host.use_count(), 2);
  EXPECT_FALSE(ledger->returns().collect());
  EXPECT_EQ(host.use_count(), 1);
}

TEST_F(GivenBackTest, a_batch_that_would_hold_the_collector_up_is_freed_by_its_caller) {
  ledger->returns().open();
  batch(5000);
  EXPECT_EQ(host.use_count(), 1);
}

}  // namespace
}  // namespace octo
