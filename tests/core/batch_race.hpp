// Rounds of a batch that threads fight over: settlers, a freezer, waiters and takers, started together each time.
//
// The freezing thread digests the whole batch inside the freeze; late settlers go on meanwhile. What anyone reads
// afterwards must digest the same.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include "batch/view.hpp"
#include "batch_fixture.hpp"

namespace octo {

// FNV-1a over everything that a caller can read of a frozen batch, but for how late it was picked up.
class BatchDigest {
 public:
  static std::uint64_t of(Batch &batch) {
    BatchDigest digest;
    BatchSummary summary = summarize(batch);
    summary.pickup_lag_us = 0;
    digest.add(static_cast<std::uint64_t>(summary.state));
    for (const std::uint64_t number :
         {summary.settled_count, summary.ok_count, summary.missing_count, summary.late_count, summary.failed_count,
          summary.frozen_us, summary.body_bytes}) {
      digest.add(number);
    }
    for (std::uint32_t index = 0; index < batch.request_count(); ++index) digest.add(view_request(batch, index));
    return digest.value_;
  }

 private:
  void add(std::uint64_t number) { add(std::string_view(reinterpret_cast<const char *>(&number), sizeof number)); }
  void add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  void add(const RequestView &view) {
    add(static_cast<std::uint64_t>(view.status));
    add(static_cast<std::uint64_t>(view.phase) << 8 | static_cast<std::uint64_t>(view.settled));
    for (const std::uint64_t number : {view.settled_us, view.since_us, view.bytes_received, view.object_size}) {
      add(number);
    }
    for (const std::uint64_t span : view.phase_us) add(span);
    add(view.attempts);
    add(std::string_view(view.message));
    add(std::string_view(view.address));
    add(view.headers);
    if (view.body == nullptr) return;
    add(std::string_view(reinterpret_cast<const char *>(view.body->data()), view.body->size()));
  }

  std::uint64_t value_ = 0xcbf29ce484222325u;
};

// Digests inside the freeze.
class DigestingHost final : public BatchHost {
 public:
  void on_frozen(Batch &batch, Cause) noexcept override {
    digest = BatchDigest::of(batch);
    frozen_count.fetch_add(1);
  }
  void on_freed(Batch &) noexcept override {}

  std::uint64_t digest = 0;
  std::atomic<std::uint32_t> frozen_count{0};
};

class BatchRace {
 public:
  struct Totals {
    std::uint64_t complete = 0;
    std::uint64_t deadline = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t closed = 0;
    std::uint64_t settles_lost = 0;
    std::uint64_t partial = 0;  // frozen between the first and the last settle
  };

  // Runs the rounds, half of them with waiters and takers; stops at the first broken promise.
  void run(std::uint32_t rounds);
  const Totals &totals() const noexcept { return totals_; }

 private:
  static constexpr std::uint32_t kSettlers = 3;
  static constexpr std::uint32_t kTakers = 2;
  static constexpr std::uint32_t kRequestsMax = 24;
  static constexpr std::ptrdiff_t kThreads = kSettlers + kTakers + 3;  // and a freezer, a waiter, the test itself

  using Random = std::minstd_rand;
  static void spin(Random &random) {
    for (std::uint32_t turns = static_cast<std::uint32_t>(random()) % 200; turns > 0; --turns) {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  }
  // What a thread does in each round, between the two barriers.
  template <typename Work>
  void serve(std::uint32_t seed, Work work) {
    Random random(seed + 1);
    while (true) {
      barrier_.arrive_and_wait();
      if (is_over_) return;
      work(random);
      barrier_.arrive_and_wait();
    }
  }
  void settle_share(std::uint32_t share, Random &random);
  void freeze(Random &random);
  void wait();
  void take();
  void begin_round(std::uint32_t round, Random &random);
  void end_round();

  BatchWorld world_;
  std::barrier<> barrier_{kThreads};
  bool is_over_ = false;

  // Of the round; written by the test between barriers.
  Ref<Batch> batch_;
  std::shared_ptr<DigestingHost> host_;
  bool has_readers_ = false;
  bool is_skipping_ = false;
  std::uint64_t waiter_digest_ = 0;
  std::array<std::atomic<std::uint32_t>, kRequestsMax> taken_{};
  std::atomic<std::uint64_t> settles_lost_{0};
  std::atomic<std::uint32_t> settlers_done_{0};
  Totals totals_;
};

inline void BatchRace::settle_share(std::uint32_t share, Random &random) {
  for (std::uint32_t index = share; index < batch_->request_count(); index += kSettlers) {
    batch_->note_progress(index, {Phase::connecting, 1, 1, 10});
    spin(random);
    batch_->note_progress(index, {Phase::receiving, 2, 2, 20});
    // Also after the freeze: then it must be lost.
    if (is_skipping_ && random() % 8 == 0) continue;
    Outcome outcome = random() % 4 == 0 ? outcome_with(Status::not_found)
                                        : world_.ok_outcome(1 + random() % 64, static_cast<unsigned char>(index));
    if (!batch_->settle(index, std::move(outcome))) settles_lost_.fetch_add(1);
  }
  settlers_done_.fetch_add(1);
}

inline void BatchRace::freeze(Random &random) {
  for (std::uint32_t pauses = static_cast<std::uint32_t>(random()) % 24; pauses > 0; --pauses) spin(random);
  switch (random() % 4) {
    case 0: batch_->freeze(Cause::cancelled); break;
    case 1: batch_->freeze(Cause::closed); break;
    case 2:
      world_.clock.set(batch_->deadline());
      batch_->touch();
      break;
    default:
      // Left to complete, unless a settler skipped a request.
      while (settlers_done_ != kSettlers) std::this_thread::yield();
      batch_->freeze(Cause::closed);
      break;
  }
}

inline void BatchRace::wait() {
  if (!has_readers_) return;
  if (batch_->wait(kNever) == Status::ok) waiter_digest_ = BatchDigest::of(*batch_);
}

inline void BatchRace::take() {
  if (!has_readers_) return;
  std::uint32_t index = 0;
  while (batch_->next(kNever, index) == Status::ok) taken_[index].fetch_add(1);
}

inline void BatchRace::run(std::uint32_t rounds) {
  // Far behind what a machine's monotonic clock shows, so that who waits for a deadline truly sleeps.
  world_.clock.set(Instant(std::chrono::hours(24 * 3650)));
  std::vector<std::thread> threads;
  for (std::uint32_t share = 0; share < kSettlers; ++share) {
    threads.emplace_back(
        [this, share] { serve(share, [this, share](Random &random) { settle_share(share, random); }); });
  }
  threads.emplace_back([this] { serve(100, [this](Random &random) { freeze(random); }); });
  threads.emplace_back([this] { serve(101, [this](Random &) { wait(); }); });
  for (std::uint32_t i = 0; i < kTakers; ++i) {
    threads.emplace_back([this] { serve(102, [this](Random &) { take(); }); });
  }
  Random random(7);
  for (std::uint32_t round = 0; round < rounds && !::testing::Test::HasFatalFailure(); ++round) {
    begin_round(round, random);
    barrier_.arrive_and_wait();
    barrier_.arrive_and_wait();
    end_round();
  }
  is_over_ = true;
  barrier_.arrive_and_wait();
  for (std::thread &thread : threads) thread.join();
}

inline void BatchRace::begin_round(std::uint32_t round, Random &random) {
  host_ = std::make_shared<DigestingHost>();
  BatchSpec spec = world_.spec(1 + static_cast<std::uint32_t>(random()) % kRequestsMax, 50ms);
  spec.host = host_;
  batch_ = world_.batch(std::move(spec));
  has_readers_ = round % 2 == 0;
  waiter_digest_ = 0;
  settles_lost_ = 0;
  settlers_done_ = 0;
  is_skipping_ = random() % 2 == 0;
  for (auto &count : taken_) count = 0;
}

inline void BatchRace::end_round() {
  ASSERT_EQ(host_->frozen_count, 1u);
  const std::uint64_t at_freeze = host_->digest;
  if (has_readers_) {
    ASSERT_EQ(waiter_digest_, at_freeze) << "what the waiter saw";
  }
  world_.clock.advance(10ms);
  ASSERT_EQ(BatchDigest::of(*batch_), at_freeze) << "10 ms later";
  world_.clock.advance(1s);
  ASSERT_EQ(BatchDigest::of(*batch_), at_freeze) << "1 s later";
  for (std::uint32_t i = 0; has_readers_ && i < batch_->request_count(); ++i) ASSERT_EQ(taken_[i], 1u) << i;
  const Outcome *last = batch_->last_settled();
  const std::uint32_t settled = last == nullptr ? 0 : last->number;
  ASSERT_EQ(world_.ledger->active(), 0u);
  ASSERT_EQ(world_.ledger->delivered(), last == nullptr ? 0 : last->body_bytes_total);
  switch (batch_->cause()) {
    case Cause::open: FAIL() << "a round ended open";
    case Cause::complete: ++totals_.complete; break;
    case Cause::deadline: ++totals_.deadline; break;
    case Cause::cancelled: ++totals_.cancelled; break;
    case Cause::closed: ++totals_.closed; break;
  }
  totals_.settles_lost += settles_lost_;
  if (settled > 0 && settled < batch_->request_count()) ++totals_.partial;
  batch_ = {};
  ASSERT_EQ(world_.ledger->delivered(), 0u) << "bodies leaked";
}

}  // namespace octo
