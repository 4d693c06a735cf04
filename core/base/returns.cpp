// The list for returns.hpp.
#include "base/returns.hpp"

#include <algorithm>

#include "base/os_generation.hpp"

namespace octo {
namespace {

// Of what was found waiting at once a slice is an eighth at least, so that a thread that is always busy keeps up.
constexpr std::uint64_t kSlicesMax = 8;

}  // namespace

Returned Returns::closed_;

void Returns::give(Returned *object, std::uint64_t bytes) noexcept {
  // A child of fork has the list, but not the thread.
  if (generation_.load(std::memory_order_relaxed) != process_generation()) {
    delete object;
    return;
  }
  object->bytes_ = bytes;
  const std::uint64_t before = waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  const bool is_slice = before < kSliceBytes && before + bytes >= kSliceBytes;
  // Held from here on: once the object is in the list, this may go with it.
  const std::shared_ptr<Waker> waker = is_slice ? waker_ : nullptr;
  Returned *head = head_.load(std::memory_order_acquire);
  do {
    if (head == &closed_) {
      delete object;
      return;
    }
    object->next_ = head;
  } while (!head_.compare_exchange_weak(head, object, std::memory_order_release, std::memory_order_acquire));
  if (waker != nullptr) waker->wake();
}

void Returns::open() noexcept {
  waiting_bytes_.store(0, std::memory_order_relaxed);
  generation_.store(process_generation(), std::memory_order_relaxed);
  head_.store(nullptr, std::memory_order_release);
}

bool Returns::collect() noexcept {
  if (taken_ == nullptr) {
    if (head_.load(std::memory_order_relaxed) == nullptr) return false;
    const std::uint64_t bytes = waiting_bytes_.exchange(0, std::memory_order_relaxed);
    slice_bytes_ = std::max(kSliceBytes, bytes / kSlicesMax);
    taken_ = head_.exchange(nullptr, std::memory_order_acquire);
  }
  for (std::uint64_t freed = 0; taken_ != nullptr && freed < slice_bytes_;) {
    Returned *const object = std::exchange(taken_, taken_->next_);
    freed += object->bytes_;
    delete object;
  }
  // What was deleted may have given back what it held.
  return taken_ != nullptr || head_.load(std::memory_order_relaxed) != nullptr;
}

void Returns::close() noexcept {
  Returned *given = head_.exchange(&closed_, std::memory_order_acquire);
  for (Returned *list : {std::exchange(taken_, nullptr), given == &closed_ ? nullptr : given}) {
    while (list != nullptr) delete std::exchange(list, list->next_);
  }
}

}  // namespace octo
