// Promise 2, final: after its freeze nothing about a batch changes, whoever looks and whenever; and conserved: each
// index is handed out exactly once.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include "capi/batch_digest.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;

// Replies around the deadlines, so that settling and freezing meet all the time.
constexpr char kScript[] = R"({"default": {"size": 700, "etag": true,
    "latency": {"type": "lognormal", "median_ms": 12, "p95_ms": 60}}})";
constexpr std::size_t kKeys = 8;

struct Tally {
  std::uint64_t freezes = 0;
  std::uint64_t settled = 0;
  std::uint64_t unsettled = 0;
  std::uint64_t changed_after_10_ms = 0;
  std::uint64_t changed_after_1_s = 0;
};

// A wave of batches with deadlines of their own, each looked at when it froze, 10 ms later and 1 s later. Half of them
// are waited for; at the others nobody looks before their deadline is over.
class Wave {
 public:
  Wave(const Client &client, std::size_t count, std::mt19937 &random) {
    std::uniform_int_distribution<int> budget_us(0, 60'000);
    for (std::size_t i = 0; i < count; ++i) {
      const auto budget = static_cast<std::uint64_t>(budget_us(random));
      Frozen &frozen = frozen_.emplace_back();
      frozen.batch = submit(client, numbered_keys("key" + std::to_string(random()) + "/", kKeys), {budget});
      frozen.is_awaited = i % 2 == 0;
      frozen.deadline = Clock::now() + std::chrono::microseconds(budget);
    }
  }

  void check(Tally &tally) {
    for (Frozen &frozen : frozen_) {
      if (frozen.is_awaited) octo_batch_wait(frozen.batch.get(), OCTO_WAIT_FOREVER);
      std::this_thread::sleep_until(frozen.deadline);
      frozen.digest = digest_of(frozen.batch.get());
      frozen.looked_at = Clock::now();
    }
    for (const Frozen &frozen : frozen_) {
      std::this_thread::sleep_until(frozen.looked_at + 10ms);
      if (digest_of(frozen.batch.get()) != frozen.digest) ++tally.changed_after_10_ms;
    }
    std::this_thread::sleep_until(Clock::now() + 1000ms);
    for (const Frozen &frozen : frozen_) {
      if (digest_of(frozen.batch.get()) != frozen.digest) ++tally.changed_after_1_s;
      const octo_batch_info info = describe(frozen.batch);
      ++tally.freezes;
      tally.settled += info.settled_count;
      tally.unsettled += info.request_count - info.settled_count;
    }
  }

 private:
  struct Frozen {
    Batch batch;
    bool is_awaited = false;
    Clock::time_point deadline;
    Clock::time_point looked_at;
    std::uint64_t digest = 0;
  };
  std::vector<Frozen> frozen_;
};

void expect_final(std::size_t waves, std::size_t batches_per_wave) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url(), {{"connections.max", "256"}, {"queue.max", "1000000"}});
  std::mt19937 random(7);
  Tally tally;
  for (std::size_t i = 0; i < waves; ++i) Wave(client, batches_per_wave, random).check(tally);
  std::cout << tally.freezes << " freezes, " << tally.settled << " requests settled before and " << tally.unsettled
            << " not; digests changed after 10 ms: " << tally.changed_after_10_ms
            << ", after 1 s: " << tally.changed_after_1_s << '\n';
  EXPECT_EQ(tally.changed_after_10_ms, 0U);
  EXPECT_EQ(tally.changed_after_1_s, 0U);
  EXPECT_GT(tally.settled, tally.freezes / 10);
  EXPECT_GT(tally.unsettled, tally.freezes / 10);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

TEST(final_test, nothing_changes_after_the_freeze) { expect_final(8, 300); }

TEST(final_long_test, nothing_changes_after_100000_freezes) { expect_final(100, 1000); }

// Everybody who waits learns the same.
TEST(final_test, a_result_that_was_handed_out_before_the_freeze_is_the_same_after_it) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  for (int i = 0; i < 40; ++i) {
    const Batch batch = submit(client, numbered_keys("key" + std::to_string(i) + "/", 50), {30'000});
    std::vector<octo_result> early(50);
    std::vector<std::string> bodies(50);
    std::size_t index = 0;
    while (octo_batch_next(batch.get(), OCTO_WAIT_FOREVER, &index) == OCTO_OK) {
      ASSERT_EQ(octo_batch_results(batch.get(), index, &early[index], sizeof(octo_result), 1), OCTO_OK);
      bodies[index].assign(static_cast<const char *>(early[index].body), early[index].body_size);
    }
    std::vector<octo_result> late(50);
    ASSERT_EQ(octo_batch_results(batch.get(), 0, late.data(), sizeof(octo_result), 50), OCTO_OK);
    for (std::size_t k = 0; k < 50; ++k) {
      EXPECT_EQ(early[k].status, late[k].status);
      EXPECT_EQ(early[k].settled_us, late[k].settled_us);
      EXPECT_EQ(early[k].since_us, late[k].since_us);
      EXPECT_EQ(early[k].body, late[k].body);
      EXPECT_EQ(bodies[k], std::string(static_cast<const char *>(late[k].body), late[k].body_size));
    }
  }
}

// Several threads take from one batch, some with a wait of 0, and one reads results beside them.
void expect_conserved(const Client &client, int round, bool is_cancelled) {
  constexpr std::size_t kCount = 60;
  const Batch batch = submit(client, numbered_keys("take" + std::to_string(round) + "/", kCount), {40'000});
  std::vector<std::atomic<int>> taken(kCount);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::size_t index = 0;
      octo_status answer = OCTO_OK;
      while ((answer = octo_batch_next(batch.get(), t == 0 ? 0 : 5'000, &index)) != OCTO_END) {
        if (answer == OCTO_AGAIN) {
          if (t == 0) std::this_thread::yield();
          continue;
        }
        ASSERT_EQ(answer, OCTO_OK);
        ++taken[index];
        octo_result result{};
        EXPECT_EQ(octo_batch_results(batch.get(), index, &result, sizeof result, 1), OCTO_OK);
      }
    });
  }
  if (is_cancelled) {
    std::this_thread::sleep_for(std::chrono::microseconds(round * 373 % 30'000));
    octo_batch_cancel(batch.get());
  }
  for (std::thread &thread : threads) thread.join();
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_EQ(taken[i], 1) << "index " << i;
  std::size_t index = 0;
  EXPECT_EQ(octo_batch_next(batch.get(), 0, &index), OCTO_END);
}

TEST(final_test, each_index_is_handed_out_exactly_once_over_several_threads) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  for (int round = 0; round < 60; ++round) expect_conserved(client, round, round % 3 == 0);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

TEST(final_long_test, each_index_is_handed_out_exactly_once_over_several_threads_2000_times) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  for (int round = 0; round < 2000; ++round) expect_conserved(client, round, round % 3 == 0);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

}  // namespace
}  // namespace octo_test
