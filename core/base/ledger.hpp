// How many bytes of bodies a client holds: those under its limit, and those it has handed over; and where they go back.
//
// Active bytes belong to unfrozen batches and orphans and are charged as they arrive; memory.max governs them.
// At the freeze they move to the delivered gauge, which never holds up admission: the host decides how long it keeps
// results. Shared by the I/O thread, freezers and whoever drops a body last; lives as long as the last body.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/ref.hpp"
#include "base/returns.hpp"

namespace octo {

class Ledger : public Counted<Ledger> {
 public:
  // `waker` is of the thread that collects the returns; null where nobody does.
  explicit Ledger(std::uint64_t bytes_max, std::shared_ptr<Waker> waker = nullptr)
      : returns_(std::move(waker)), bytes_max_(bytes_max) {}

  // Bodies, and batches that are charged here.
  Returns &returns() noexcept { return returns_; }

  void charge(std::uint64_t bytes) noexcept { active_.fetch_add(bytes, std::memory_order_relaxed); }
  void discharge(std::uint64_t bytes) noexcept { active_.fetch_sub(bytes, std::memory_order_relaxed); }
  // At the freeze: active bytes become delivered ones.
  void deliver(std::uint64_t bytes) noexcept {
    delivered_.fetch_add(bytes, std::memory_order_relaxed);
    discharge(bytes);
  }
  void forget_delivered(std::uint64_t bytes) noexcept { delivered_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::uint64_t active() const noexcept { return active_.load(std::memory_order_relaxed); }
  std::uint64_t delivered() const noexcept { return delivered_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_max() const noexcept { return bytes_max_.load(std::memory_order_relaxed); }
  void set_bytes_max(std::uint64_t bytes) noexcept { bytes_max_.store(bytes, std::memory_order_relaxed); }

  // Over the limit: the scheduler ends the flights with the latest deadlines until this is false.
  bool is_exhausted() const noexcept { return active() > bytes_max(); }
  // One turn of the loop may overshoot the limit by an eighth; beyond that an exchange ends itself.
  bool would_overrun(std::uint64_t bytes) const noexcept { return active() + bytes > bytes_max() + bytes_max() / 8; }

 private:
  Returns returns_;
  std::atomic<std::uint64_t> active_{0};
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> bytes_max_;
};

}  // namespace octo
