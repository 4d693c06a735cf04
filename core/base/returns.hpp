// What the host gives back, on its way to the thread that made it, which frees it.
//
// Memory that another thread allocated is slow to free: its arena has a lock, and there a block of some size is merged
// with its neighbours. Giving a page back was a seventh of what it costs the thread of Node's event loop, which must not
// wait for a lock either. So the last holder only leaves the object here. At most kSliceBytes wait for a thread that
// sleeps; one that is busy frees a slice in each turn of its loop, so that much at once does not hold it up.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/waker.hpp"

namespace octo {

// What can be given back.
class Returned {
 public:
  virtual ~Returned() = default;

 private:
  friend class Returns;
  Returned *next_ = nullptr;
  std::uint64_t bytes_ = 0;
};

class Returns {
 public:
  static constexpr std::uint64_t kSliceBytes = std::uint64_t{4} << 20;

  // `waker` makes the thread that collects turn once; null where none ever does.
  explicit Returns(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}

  // Any thread, once for an object: it is deleted sooner or later, here and now where nobody collects. What holds
  // this object alive may do so only through the returned one.
  void give(Returned *object, std::uint64_t bytes) noexcept;

  // The thread that collects; there is one at a time. From open() to close() what is given waits for it.
  void open() noexcept;
  // Deletes a slice; true when more is waiting.
  bool collect() noexcept;
  // Deletes all that waits.
  void close() noexcept;

 private:
  // Stands in head_ while nobody collects.
  static Returned closed_;

  // Fixed after construction.
  const std::shared_ptr<Waker> waker_;

  // Any thread.
  std::atomic<Returned *> head_{&closed_};
  std::atomic<std::uint64_t> waiting_bytes_{0};  // in the list at head_, about
  std::atomic<std::uint64_t> generation_{0};     // of the process whose thread collects

  // The thread that collects.
  Returned *taken_ = nullptr;
  std::uint64_t slice_bytes_ = kSliceBytes;
};

}  // namespace octo
