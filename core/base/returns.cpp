// The list for returns.hpp.
#include "base/returns.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/os_generation.hpp"

namespace octo {
namespace {

// What was found waiting at once is deleted in so many turns at most, so that a thread that is always busy keeps up.
constexpr std::uint64_t kSlicesMax = 32;

// Of an object besides its bytes, so that none is without weight.
constexpr std::uint64_t kOwnBytes = 256;

}  // namespace

Returned Returns::closed_node;

void Returns::give(Returned *object, std::uint64_t bytes) noexcept {
  // A child of fork has the list, but not the thread.
  if (bytes > kObjectBytesMax || generation_.load(std::memory_order_relaxed) != process_generation()) {
    delete object;
    return;
  }
  object->bytes_ = bytes + kOwnBytes;
  const std::uint64_t before = given_bytes_.fetch_add(object->bytes_, std::memory_order_relaxed);
  // Whoever completes a slice wakes, however much of it was taken already: what others gave may be in the list only now.
  const bool completes_slice = before / kSliceBytes != (before + object->bytes_) / kSliceBytes;
  // Held from here on: once the object is in the list, this may go with it.
  const std::shared_ptr<Waker> waker = completes_slice ? waker_ : nullptr;
  Returned *head = head_.load(std::memory_order_acquire);
  do {
    if (head == &closed_node) {
      delete object;
      return;
    }
    object->next_ = head;
  } while (!head_.compare_exchange_weak(head, object, std::memory_order_release, std::memory_order_acquire));
  if (waker != nullptr) waker->wake();
}

void Returns::open() noexcept {
  OCTO_ASSERT(head_.load(std::memory_order_relaxed) == &closed_node);
  generation_.store(process_generation(), std::memory_order_relaxed);
  seen_bytes_ = given_bytes_.load(std::memory_order_relaxed);
  head_.store(nullptr, std::memory_order_release);
}

bool Returns::collect() noexcept {
  OCTO_ASSERT(head_.load(std::memory_order_relaxed) != &closed_node);
  if (taken_ == nullptr) {
    if (head_.load(std::memory_order_relaxed) == nullptr) return false;
    const std::uint64_t given = given_bytes_.load(std::memory_order_relaxed);
    slice_bytes_ = std::max(kSliceBytes, (given - std::exchange(seen_bytes_, given)) / kSlicesMax);
    taken_ = head_.exchange(nullptr, std::memory_order_acquire);
  }
  for (std::uint64_t freed = 0; taken_ != nullptr && freed < slice_bytes_;) {
    Returned *const object = std::exchange(taken_, taken_->next_);
    freed += object->bytes_;
    delete object;
  }
  return taken_ != nullptr;
}

void Returns::close() noexcept {
  Returned *given = head_.exchange(&closed_node, std::memory_order_acquire);
  OCTO_ASSERT(given != &closed_node);
  for (Returned *list : {std::exchange(taken_, nullptr), given}) {
    while (list != nullptr) delete std::exchange(list, list->next_);
  }
}

}  // namespace octo
