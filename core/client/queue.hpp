// An event queue: where batches announce that they froze, or that more of them settled, to an event loop.
//
// Announcing is lock-free and may happen on any thread, the I/O thread among them; taking is for the owner's threads,
// which share a mutex among themselves alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/ref.hpp"
#include "base/result.hpp"
#include "batch/batch.hpp"

namespace octo {

struct QueueEvent {
  std::uintptr_t batch_handle = 0;  // 0: the batch was freed
  std::uint64_t tag = 0;
  bool is_frozen = false;  // else: more has settled
};

class Queue final : public Announcer {
 public:
  using Wake = void (*)(void *context);

  // With a null `wake`, a descriptor is opened instead.
  static Result<Ref<Queue>> create(Wake wake, void *context);
  ~Queue() override;

  void announce(Batch &batch, std::uint32_t kinds) noexcept override;
  // Fills up to `count_max` events; how many. Never blocks on anything but another taker.
  std::size_t take(QueueEvent *events, std::size_t count_max) noexcept;
  // -1 with a hook, and when closed.
  int fd() const noexcept { return event_fd_.load(std::memory_order_acquire); }
  // Afterwards nothing is announced, the hook does not run, and the descriptor is closed: batches that are kept for their
  // results keep this object.
  void close() noexcept;

 private:
  Queue(Wake wake, void *context, int event_fd) noexcept : wake_(wake), context_(context), event_fd_(event_fd) {}
  void signal() const noexcept;
  void collect_locked() noexcept;

  const Wake wake_;
  void *const context_;

  // Any thread; written once, under mutex_, when no announcer is left.
  std::atomic<int> event_fd_;
  std::atomic<Batch *> announced_{nullptr};  // newest first; each holds one reference
  // How many are announced and not taken. A taker may see a batch before its announcer has counted it, so for a moment
  // this may be negative; the step from 0 to 1 is the edge that wakes.
  std::atomic<std::int64_t> count_{0};
  std::atomic<std::uint32_t> announcers_{0};  // threads inside announce
  std::atomic<bool> is_closed_{false};

  // Any thread, under mutex_.
  std::mutex mutex_;
  Batch *oldest_ = nullptr;  // collected, oldest first
};

}  // namespace octo
