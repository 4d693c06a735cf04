// What the host gives back, on its way to the thread that frees it.
//
// A body's memory is of another thread's arena: freeing it waits for a lock of that, and merges blocks there. Giving a
// page back was a seventh of what it costs the thread of Node's event loop, which must not wait for a lock. So the last
// holder only leaves the object here. At most kSliceBytes for each thread that gives wait for a thread that sleeps; one
// that is busy frees a slice in each turn of its loop, so that much at once does not hold it up.
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
  // Allocators map what is larger by itself, outside of any arena, and the kernel takes its time to take it back.
  static constexpr std::uint64_t kObjectBytesMax = std::uint64_t{1} << 20;

  // `waker` makes the thread that collects turn once; null where none ever does.
  explicit Returns(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}

  // Any thread, once for an object: it is deleted by the thread that collects, or here and now where there is none and
  // where it is too large. What holds this object alive may do so only through the returned one.
  void give(Returned *object, std::uint64_t bytes) noexcept;

  // The thread that collects; there is one at a time. From open() to close() what is given waits for it.
  void open() noexcept;
  // Deletes a slice of what was given; true when more of that is left.
  bool collect() noexcept;
  // Deletes all that waits.
  void close() noexcept;

 private:
  // Stands in head_ while nobody collects.
  static Returned closed_node;

  // Fixed after construction.
  const std::shared_ptr<Waker> waker_;

  // Any thread.
  std::atomic<Returned *> head_{&closed_node};
  // Ever; of that given while nobody collected as well.
  std::atomic<std::uint64_t> given_bytes_{0};
  std::atomic<std::uint64_t> generation_{0};  // of the process whose thread collects

  // The thread that collects.
  Returned *taken_ = nullptr;
  std::uint64_t seen_bytes_ = 0;  // of given_bytes_, when it took last
  std::uint64_t slice_bytes_ = kSliceBytes;
};

}  // namespace octo
