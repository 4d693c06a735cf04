// Checked handles: what has ended answers so, for ever, whoever else holds it and whatever lives in its place now.
#include "capi/handles.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "batch_fixture.hpp"
#include "client/options.hpp"

namespace octo {
namespace {

std::uintptr_t options_handle() { return handle_create(HandleKind::options, new Options); }

class HandlesWorld : public BatchWorld {
 public:
  std::uintptr_t batch_handle() { return handle_create(HandleKind::batch, batch(1, 600s).leak()); }
};

TEST(Handles, name_their_object_until_they_end) {
  HandlesWorld world;
  const std::uintptr_t handle = world.batch_handle();
  ASSERT_NE(handle, 0u);
  {
    const Pin pin(handle, HandleKind::batch);
    ASSERT_TRUE(pin.is_ok());
    EXPECT_EQ(pin.object<Batch>().request_count(), 1u);
    EXPECT_FALSE(pin.has_ended());
  }
  EXPECT_EQ(handle_end(handle, HandleKind::batch), Status::ok);
  EXPECT_EQ(world.host->freed_count, 1u);
  EXPECT_EQ(Pin(handle, HandleKind::batch).status(), Status::closed);
}

TEST(Handles, row_75_ending_twice_answers_closed) {
  const std::uintptr_t handle = options_handle();
  EXPECT_EQ(handle_end(handle, HandleKind::options), Status::ok);
  EXPECT_EQ(handle_end(handle, HandleKind::options), Status::closed);
  EXPECT_EQ(handle_end(handle, HandleKind::options), Status::closed);
}

TEST(Handles, row_75_what_never_was_a_handle_is_an_invalid_argument) {
  const std::uintptr_t handle = options_handle();
  int on_stack = 0;
  const std::uintptr_t strangers[] = {0,
                                      1,
                                      UINTPTR_MAX,
                                      reinterpret_cast<std::uintptr_t>(&on_stack),
                                      handle + (std::uintptr_t{1} << 40),
                                      handle ^ 0xffffff};
  for (const std::uintptr_t stranger : strangers) {
    EXPECT_EQ(Pin(stranger, HandleKind::options).status(), Status::invalid_argument) << stranger;
    EXPECT_EQ(handle_end(stranger, HandleKind::options), Status::invalid_argument) << stranger;
  }
  EXPECT_EQ(handle_end(handle, HandleKind::options), Status::ok);
}

TEST(Handles, row_75_a_handle_of_another_kind_is_an_invalid_argument) {
  const std::uintptr_t handle = options_handle();
  EXPECT_EQ(Pin(handle, HandleKind::batch).status(), Status::invalid_argument);
  EXPECT_EQ(handle_end(handle, HandleKind::queue), Status::invalid_argument);
  EXPECT_EQ(handle_end(handle, HandleKind::options), Status::ok);
}

TEST(Handles, an_object_that_is_in_use_outlives_its_handle) {
  HandlesWorld world;
  const std::uintptr_t handle = world.batch_handle();
  {
    const Pin pin(handle, HandleKind::batch);
    ASSERT_TRUE(pin.is_ok());
    EXPECT_EQ(handle_end(handle, HandleKind::batch), Status::ok) << "it waits for nobody";
    EXPECT_TRUE(pin.has_ended());
    EXPECT_EQ(world.host->freed_count, 1u) << "it was given up at once";
    EXPECT_EQ(pin.object<Batch>().cause(), Cause::cancelled) << "and is still there";
    EXPECT_EQ(Pin(handle, HandleKind::batch).status(), Status::closed);
  }
  EXPECT_EQ(world.host.use_count(), 1) << "the last pin let it go";
}

TEST(Handles, a_slot_that_is_used_again_does_not_answer_to_its_old_handles) {
  std::vector<std::uintptr_t> ended;
  for (int round = 0; round < 2000; ++round) {
    const std::uintptr_t handle = options_handle();
    for (const std::uintptr_t old : ended) ASSERT_NE(old, handle);
    if (ended.size() < 50) ended.push_back(handle);
    ASSERT_EQ(handle_end(handle, HandleKind::options), Status::ok);
  }
  const std::uintptr_t live = options_handle();
  for (const std::uintptr_t old : ended) {
    EXPECT_EQ(Pin(old, HandleKind::options).status(), Status::closed);
    EXPECT_EQ(handle_end(old, HandleKind::options), Status::closed);
  }
  EXPECT_TRUE(Pin(live, HandleKind::options).is_ok());
  EXPECT_EQ(handle_end(live, HandleKind::options), Status::ok);
}

TEST(Handles, thousands_live_side_by_side) {
  std::vector<std::uintptr_t> handles;
  for (int i = 0; i < 5000; ++i) handles.push_back(options_handle());
  for (const std::uintptr_t handle : handles) ASSERT_TRUE(Pin(handle, HandleKind::options).is_ok());
  for (const std::uintptr_t handle : handles) ASSERT_EQ(handle_end(handle, HandleKind::options), Status::ok);
}

std::atomic<int> visited{0};

TEST(Handles, each_live_object_of_a_kind_is_visited) {
  HandlesWorld world;
  const auto visit = [](void *object) {
    visited.fetch_add(static_cast<Batch *>(object)->request_count() == 1 ? 1 : 1000);
  };
  visited = 0;
  for_each_handle(HandleKind::batch, visit);
  const int before = visited.exchange(0);
  const std::uintptr_t kept = world.batch_handle();
  const std::uintptr_t ended = world.batch_handle();
  const std::uintptr_t other = options_handle();
  EXPECT_EQ(handle_end(ended, HandleKind::batch), Status::ok);
  for_each_handle(HandleKind::batch, visit);
  EXPECT_EQ(visited, before + 1);
  EXPECT_EQ(handle_end(kept, HandleKind::batch), Status::ok);
  EXPECT_EQ(handle_end(other, HandleKind::options), Status::ok);
}

TEST(Handles, row_69_a_childs_use_of_its_parents_batch_answers_forked) {
  HandlesWorld world;
  const std::uintptr_t batch = world.batch_handle();
  const std::uintptr_t options = options_handle();
  const pid_t child = ::fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    const bool is_right = Pin(batch, HandleKind::batch).status() == Status::forked &&
                          Pin(options, HandleKind::options).is_ok() &&
                          handle_end(batch, HandleKind::batch) == Status::ok && world.host->freed_count == 0;
    ::_exit(is_right ? 0 : 1);
  }
  int answer = 0;
  ASSERT_EQ(::waitpid(child, &answer, 0), child);
  EXPECT_TRUE(WIFEXITED(answer) && WEXITSTATUS(answer) == 0);
  EXPECT_TRUE(Pin(batch, HandleKind::batch).is_ok());
  EXPECT_EQ(handle_end(batch, HandleKind::batch), Status::ok);
  EXPECT_EQ(handle_end(options, HandleKind::options), Status::ok);
}

// Every handle is used and ended by all threads at once; each object ends once, and nobody sees a dead one.
TEST(HandlesRace, eight_threads_use_and_end_the_same_handles) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 3000;
  constexpr std::size_t kShared = 16;
  HandlesWorld world;
  std::vector<std::atomic<std::uintptr_t>> shared(kShared);
  std::atomic<std::uint32_t> created{0};
  std::atomic<std::uint32_t> ended{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < kThreads; ++seed) {
    threads.emplace_back([&, seed] {
      std::minstd_rand random(seed + 1);
      for (int round = 0; round < kRounds; ++round) {
        auto &place = shared[random() % kShared];
        switch (random() % 4) {
          case 0: {
            std::uintptr_t none = 0;
            const std::uintptr_t fresh = world.batch_handle();
            created.fetch_add(1);
            if (place.compare_exchange_strong(none, fresh)) break;
            if (handle_end(fresh, HandleKind::batch) != Status::ok) wrong.fetch_add(1);
            ended.fetch_add(1);
            break;
          }
          case 1:
            if (handle_end(place.load(), HandleKind::batch) == Status::ok) {
              ended.fetch_add(1);
              place.store(0);
            }
            break;
          default: {
            const Pin pin(place.load(), HandleKind::batch);
            if (pin.is_ok() && pin.object<Batch>().request_count() != 1) wrong.fetch_add(1);
            break;
          }
        }
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  for (const auto &place : shared) {
    if (handle_end(place.load(), HandleKind::batch) == Status::ok) ended.fetch_add(1);
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(ended, 1000u);
  EXPECT_EQ(world.host->freed_count, ended);
  EXPECT_EQ(created, ended);
  EXPECT_EQ(world.host.use_count(), 1) << "an object leaked";
}

}  // namespace
}  // namespace octo
