// The running totals of one client; any thread adds, any thread reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace octo {

// Independent totals: a reader may see one a moment before another. Relaxed order is enough.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct Counters {
  Counter batches;
  Counter batches_complete;
  Counter batches_deadline;
  Counter requests;
  Counter requests_ok;
  Counter requests_other;
  Counter requests_unsettled;
  Counter requests_shed;
  Counter attempts;
  Counter reruns;
  Counter connections_opened;
  Counter connections_refused_by_guard;
  Counter lookups;
  Counter lookups_failed;
  Counter bytes_received;
  Counter orphans_finished;
  Counter orphans_cut;
  // Gauges.
  Counter connections_open;
  Counter connections_idle;
  Counter slots_busy;
  Counter queued;
  Counter estimate_us;
};

}  // namespace octo
