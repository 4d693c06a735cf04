// The latest value that one thread has published, whole, for readers that must not wait for it nor it for them.
//
// Three places for the value: the writer fills one, readers look at another, and the third lies between them and is
// exchanged for either. A seqlock would let a reader turn for as long as the writer is held up in the middle.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace octo {

template <typename T>
class Latest {
 public:
  // One thread at a time; it waits for nobody.
  void publish(const T &value) noexcept {
    places_[written_] = value;
    written_ = between_.exchange(written_ | kFresh, std::memory_order_acq_rel) & kPlace;
  }

  // Any other thread; waits for other readers alone. T{} before the first publish.
  T read() {
    const std::lock_guard lock(readers_);
    if ((between_.load(std::memory_order_relaxed) & kFresh) != 0) {
      read_ = between_.exchange(read_, std::memory_order_acq_rel) & kPlace;
    }
    return places_[read_];
  }

 private:
  static constexpr std::uint32_t kPlace = 3;
  static constexpr std::uint32_t kFresh = 4;  // nobody has read what lies between

  std::array<T, 3> places_{};
  std::atomic<std::uint32_t> between_{1};
  std::uint32_t written_ = 0;  // the writer's place
  std::mutex readers_;
  std::uint32_t read_ = 2;  // the readers' place, under readers_
};

}  // namespace octo
