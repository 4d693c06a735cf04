// How callers reach a thread of the library: a lock-free list, and a word or a descriptor that wakes the reader.
//
// A push never waits for another thread. The mailbox also knows whether a reader is there at all: pushing to a stopped
// one tells the pusher to start it. Nodes live in what they announce, so a push allocates nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.hpp"
#include "base/waker.hpp"

namespace octo {

class Admission;

// Carries one counted reference of the admission's batch from the pusher to the reader.
struct MailNode {
  enum class Kind : std::uint8_t { add, remove };
  MailNode *next = nullptr;
  Kind kind = Kind::add;
  Admission *admission = nullptr;
};

class Mailbox final : public Waker {
 public:
  enum class Push : std::uint8_t { delivered, start_thread };

  // Any thread. After start_thread the caller starts the reader, or calls take_back.
  Push push(MailNode *node) noexcept;
  // Any thread: makes the reader turn once, if there is one.
  void wake() noexcept override;

  // Reader: all nodes in the order they were pushed.
  MailNode *take_all() noexcept;
  // Reader: from now on a wake-up writes to this descriptor; without one it ends wait().
  void open(int event_fd) noexcept;
  // Reader without a descriptor: sleeps until something may have changed since `turn` was read.
  std::uint32_t turn() const noexcept { return turn_.load(std::memory_order_seq_cst); }
  void wait(std::uint32_t turn, Instant until) const noexcept;
  // Reader: from now on nobody writes to the descriptor, so that it can be closed.
  void close_descriptor() noexcept;
  // Reader: true when nothing is left; then the next push needs a new reader.
  bool try_stop() noexcept;

  // Whoever could not start a thread: stops the mailbox and answers all nodes that were pushed meanwhile.
  MailNode *take_back() noexcept;
  bool is_stopped() const noexcept;

 private:
  static MailNode *reversed(MailNode *newest) noexcept;
  void signal() noexcept;

  // Says in head_ that there is no reader.
  static MailNode stopped_node;

  std::atomic<MailNode *> head_{&stopped_node};
  // The descriptor plus one in the upper half, and how many threads are about to write to it in the lower: one word, so
  // that nobody joins them once it is closed, and waiting for those who are left ends.
  std::atomic<std::uint64_t> event_fd_{0};
  std::atomic<std::uint32_t> turn_{0};  // futex, for a reader without a descriptor
};

}  // namespace octo
