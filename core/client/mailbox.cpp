// The list and the wake-up for mailbox.hpp.
#include "client/mailbox.hpp"

#include <sched.h>
#include <unistd.h>

#include "base/os_futex.hpp"

namespace octo {
namespace {

constexpr unsigned kWriterBits = 32;
constexpr std::uint64_t kWritersMask = (std::uint64_t{1} << kWriterBits) - 1;

}  // namespace

MailNode Mailbox::stopped_node;

Mailbox::Push Mailbox::push(MailNode *node) noexcept {
  MailNode *head = head_.load(std::memory_order_acquire);
  do {
    node->next = head == &stopped_node ? nullptr : head;
  } while (!head_.compare_exchange_weak(head, node, std::memory_order_seq_cst, std::memory_order_acquire));
  // A non-empty list has been announced already.
  if (head == nullptr) signal();
  return head == &stopped_node ? Push::start_thread : Push::delivered;
}

void Mailbox::wake() noexcept {
  if (head_.load(std::memory_order_seq_cst) != &stopped_node) signal();
}

void Mailbox::signal() noexcept {
  std::uint64_t word = event_fd_.load(std::memory_order_seq_cst);
  do {
    if (word >> kWriterBits == 0) {
      turn_.fetch_add(1, std::memory_order_seq_cst);
      futex_wake_all(turn_);
      return;
    }
  } while (!event_fd_.compare_exchange_weak(word, word + 1, std::memory_order_seq_cst));
  const int fd = static_cast<int>((word >> kWriterBits) - 1);
  const std::uint64_t one = 1;
  // It can only fail by being full, and then the loop is awake.
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
  event_fd_.fetch_sub(1, std::memory_order_seq_cst);
}

void Mailbox::wait(std::uint32_t turn, Instant until) const noexcept { futex_wait(turn_, turn, until); }

MailNode *Mailbox::take_all() noexcept { return reversed(head_.exchange(nullptr, std::memory_order_seq_cst)); }

void Mailbox::open(int event_fd) noexcept {
  event_fd_.store((static_cast<std::uint64_t>(event_fd) + 1) << kWriterBits, std::memory_order_seq_cst);
}

void Mailbox::close_descriptor() noexcept {
  event_fd_.fetch_and(kWritersMask, std::memory_order_seq_cst);
  while (event_fd_.load(std::memory_order_seq_cst) != 0) ::sched_yield();
}

bool Mailbox::try_stop() noexcept {
  MailNode *expected = nullptr;
  return head_.compare_exchange_strong(expected, &stopped_node, std::memory_order_seq_cst);
}

MailNode *Mailbox::take_back() noexcept { return reversed(head_.exchange(&stopped_node, std::memory_order_seq_cst)); }

bool Mailbox::is_stopped() const noexcept { return head_.load(std::memory_order_acquire) == &stopped_node; }

MailNode *Mailbox::reversed(MailNode *newest) noexcept {
  MailNode *oldest = nullptr;
  while (newest != nullptr) {
    MailNode *next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

}  // namespace octo
