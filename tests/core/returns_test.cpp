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
  ~ReturnsTest() override {
    if (is_open) close();
  }

  void open() {
    returns.open();
    is_open = true;
  }
  void close() {
    returns.close();
    is_open = false;
  }
  void give(int count, std::uint64_t bytes) {
    for (int i = 0; i < count; ++i) returns.give(new Thing(ends), bytes);
  }

  std::atomic<int> ends{0};
  std::shared_ptr<CountingWaker> waker = std::make_shared<CountingWaker>();
  Returns returns{waker};
  bool is_open = false;
};

TEST_F(ReturnsTest, deletes_at_once_what_nobody_collects) {
  give(1, 100);
  EXPECT_EQ(ends, 1);
  open();
  close();
  give(1, 100);
  EXPECT_EQ(ends, 2);
  EXPECT_EQ(waker->wakes, 0);
}

TEST_F(ReturnsTest, deletes_on_the_thread_that_collects) {
  std::atomic<std::thread::id> ended_on{};
  open();
  std::thread([&] { returns.give(new Thing(ends, &ended_on), 100); }).join();
  EXPECT_EQ(ends, 0);
  EXPECT_FALSE(returns.collect());
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(ended_on.load(), std::this_thread::get_id());
  EXPECT_FALSE(returns.collect());
}

TEST_F(ReturnsTest, deletes_at_once_what_is_large) {
  open();
  give(1, Returns::kObjectBytesMax + 1);
  EXPECT_EQ(ends, 1);
  give(1, Returns::kObjectBytesMax);
  EXPECT_EQ(ends, 1);
}

TEST_F(ReturnsTest, closing_deletes_all_that_waits) {
  open();
  give(6, Returns::kObjectBytesMax);
  EXPECT_TRUE(returns.collect());
  give(2, 100);
  EXPECT_EQ(ends, 4);
  close();
  EXPECT_EQ(ends, 8);
}

TEST_F(ReturnsTest, wakes_once_for_each_slice_that_was_given) {
  open();
  give(3, Returns::kObjectBytesMax);
  EXPECT_EQ(waker->wakes, 0);
  give(1, Returns::kObjectBytesMax);
  EXPECT_EQ(waker->wakes, 1);
  give(8, Returns::kObjectBytesMax);
  EXPECT_EQ(waker->wakes, 3);
  while (returns.collect()) {
  }
  EXPECT_EQ(ends, 12);
  give(4, Returns::kObjectBytesMax);
  EXPECT_EQ(waker->wakes, 4);
}

TEST_F(ReturnsTest, things_without_a_size_wake_as_well) {
  open();
  give(20'000, 0);
  EXPECT_EQ(waker->wakes, 1);
}

TEST_F(ReturnsTest, a_turn_deletes_one_slice) {
  open();
  give(12, Returns::kObjectBytesMax);
  EXPECT_TRUE(returns.collect());
  EXPECT_EQ(ends, 4);
  EXPECT_TRUE(returns.collect());
  EXPECT_EQ(ends, 8);
  EXPECT_FALSE(returns.collect());
  EXPECT_EQ(ends, 12);
}

TEST_F(ReturnsTest, however_much_waits_32_turns_delete_it) {
  open();
  give(3200, Returns::kObjectBytesMax);
  int turns = 1;
  while (returns.collect()) ++turns;
  EXPECT_EQ(turns, 32);
  EXPECT_EQ(ends, 3200);
}

TEST_F(ReturnsTest, what_was_given_while_nobody_collected_makes_no_slice_larger) {
  give(3200, Returns::kObjectBytesMax);
  open();
  give(8, Returns::kObjectBytesMax);
  EXPECT_TRUE(returns.collect());
  EXPECT_EQ(ends, 3204);
}

TEST_F(ReturnsTest, a_thing_that_is_deleted_may_give_another_one) {
  struct Holder final : Returned {
    Holder(Returns &where, std::atomic<int> &count) : returns(where), ends(count) {}
    ~Holder() override { returns.give(new Thing(ends), 100); }
    Returns &returns;
    std::atomic<int> &ends;
  };
  open();
  returns.give(new Holder(returns, ends), 100);
  returns.collect();
  EXPECT_EQ(ends, 0);
  returns.give(new Holder(returns, ends), 100);
  close();
  EXPECT_EQ(ends, 2);
}

TEST_F(ReturnsTest, a_forked_child_deletes_at_once_what_its_parents_thread_would) {
  open();
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
    open();
    for (int turn = 0; turn < 50; ++turn) returns.collect();
    close();
  }
  for (std::thread &giver : givers) giver.join();
  EXPECT_EQ(ends, kGivers * kEach);
}

// The thread turns when it is woken, and at no other time.
TEST_F(ReturnsTest, no_wake_is_lost_between_threads_that_give_and_one_that_sleeps) {
  constexpr int kGivers = 3;
  constexpr int kEach = 30'000;
  constexpr std::uint64_t kBytes = Returns::kSliceBytes / 64;
  std::atomic<bool> is_over{false};
  open();
  std::thread sleeper([&] {
    for (int seen = 0; !is_over || seen != waker->wakes;) {
      if (seen == waker->wakes) {
        std::this_thread::yield();
        continue;
      }
      seen = waker->wakes;
      while (returns.collect()) {
      }
    }
  });
  std::vector<std::thread> givers;
  for (int i = 0; i < kGivers; ++i) givers.emplace_back([&] { give(kEach, kBytes); });
  for (std::thread &giver : givers) giver.join();
  is_over = true;
  sleeper.join();
  // Less than a slice of each giver, and of what was given last.
  EXPECT_GT(ends, kGivers * kEach - 64 * (kGivers + 1));
}

class GivenBackTest : public ::testing::Test, public BatchWorld {
 protected:
  GivenBackTest() {
    ledger = Ref<Ledger>::adopt(new Ledger(std::uint64_t{1} << 30, waker));
    ledger->returns().open();
  }
  ~GivenBackTest() override { ledger->returns().close(); }

  std::shared_ptr<CountingWaker> waker = std::make_shared<CountingWaker>();
};

TEST_F(GivenBackTest, the_gauges_know_at_once_of_bodies_whose_memory_waits) {
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
  // The batch holds its host as long as it waits.
  EXPECT_EQ(host.use_count(), 2);
  EXPECT_FALSE(ledger->returns().collect());
  EXPECT_EQ(host.use_count(), 1);
}

TEST_F(GivenBackTest, bodies_wait_with_their_bytes_and_batches_with_their_requests) {
  for (int i = 0; i < 4; ++i) ok_outcome(Returns::kObjectBytesMax - 100);
  EXPECT_EQ(waker->wakes, 1);
  for (int i = 0; i < 5; ++i) batch(900);
  EXPECT_EQ(waker->wakes, 2);
}

TEST_F(GivenBackTest, a_batch_that_would_hold_the_thread_up_is_freed_by_its_last_holder) {
  batch(2000);
  EXPECT_EQ(host.use_count(), 1);
}

}  // namespace
}  // namespace octo
