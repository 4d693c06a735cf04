// Announcing and taking for queue.hpp.
#include "client/queue.hpp"

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace octo {

Result<Ref<Queue>> Queue::create(Wake wake, void *context) {
  int event_fd = -1;
  if (wake == nullptr) {
    event_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0) {
      return Failure{Status::local_resource, "no descriptor for the queue: " + std::generic_category().message(errno)};
    }
  }
  auto *queue = new (std::nothrow) Queue(wake, context, event_fd);
  if (queue == nullptr) {
    if (event_fd >= 0) ::close(event_fd);
    return Failure{Status::no_memory, "there is no memory for a queue"};
  }
  return Ref<Queue>::adopt(queue);
}

Queue::~Queue() { close(); }

void Queue::announce(Batch &batch, std::uint32_t kinds) noexcept {
  announcers_.fetch_add(1, std::memory_order_seq_cst);
  AnnouncerLink &link = batch.announcer_link();
  // What is linked already is taken with all its kinds.
  if (!is_closed_.load(std::memory_order_seq_cst) && link.kinds.fetch_or(kinds, std::memory_order_acq_rel) == 0) {
    batch.retain();
    link.next = announced_.load(std::memory_order_relaxed);
    while (!announced_.compare_exchange_weak(link.next, &batch, std::memory_order_release, std::memory_order_relaxed)) {
    }
    if (count_.fetch_add(1, std::memory_order_seq_cst) == 0) signal();
  }
  announcers_.fetch_sub(1, std::memory_order_seq_cst);
}

void Queue::signal() const noexcept {
  if (wake_ != nullptr) {
    wake_(context_);
    return;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd(), &one, sizeof one);
}

std::size_t Queue::take(QueueEvent *events, std::size_t count_max) noexcept {
  const std::lock_guard lock(mutex_);
  if (fd() >= 0) {
    // First: what is announced from here on makes it readable again.
    std::uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t size = ::read(fd(), &wakes, sizeof wakes);
  }
  std::size_t count = 0;
  while (count < count_max) {
    if (oldest_ == nullptr) collect_locked();
    if (oldest_ == nullptr) break;
    Batch *batch = oldest_;
    AnnouncerLink &link = batch->announcer_link();
    // Unlinked before its kinds are cleared: from then on it may be announced, and so linked, again.
    oldest_ = link.next;
    const std::uint32_t kinds = link.kinds.exchange(0, std::memory_order_acq_rel);
    events[count].batch_handle = batch->handle.load(std::memory_order_acquire);
    events[count].tag = batch->tag();
    // Frozen includes settled: after it, next hands out everything.
    events[count].is_frozen = (kinds & kFrozen) != 0;
    ++count;
    // One by one, before the list is found empty: what is announced from then on is the step from 0 to 1.
    count_.fetch_sub(1, std::memory_order_seq_cst);
    batch->release();
  }
  if (count == count_max && fd() >= 0 && count_.load(std::memory_order_seq_cst) > 0) signal();
  return count;
}

void Queue::collect_locked() noexcept {
  Batch *batch = announced_.exchange(nullptr, std::memory_order_acquire);
  while (batch != nullptr) {
    Batch *next = batch->announcer_link().next;
    batch->announcer_link().next = oldest_;
    oldest_ = batch;
    batch = next;
  }
}

void Queue::close() noexcept {
  is_closed_.store(true, std::memory_order_seq_cst);
  // The hook must not block, so this is short.
  while (announcers_.load(std::memory_order_seq_cst) != 0) ::sched_yield();
  const std::lock_guard lock(mutex_);
  const int event_fd = event_fd_.exchange(-1, std::memory_order_acq_rel);
  if (event_fd >= 0) ::close(event_fd);
  while (true) {
    if (oldest_ == nullptr) collect_locked();
    if (oldest_ == nullptr) return;
    Batch *batch = std::exchange(oldest_, oldest_->announcer_link().next);
    batch->announcer_link().kinds.store(0, std::memory_order_relaxed);
    batch->release();
  }
}

}  // namespace octo
