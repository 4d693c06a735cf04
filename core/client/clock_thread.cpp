// The list of alarms and the loop that watches it, for clock_thread.hpp.
#include "client/clock_thread.hpp"

#include <sys/prctl.h>

#include <atomic>
#include <new>

#include "base/clock.hpp"
#include "base/os_generation.hpp"
#include "base/os_thread.hpp"

namespace octo {
namespace {

constexpr Duration kIdleMax = 30s;
constexpr std::size_t kStackBytes = 128 * 1024;

// Of one process: a forked child starts with one of its own.
class ClockThread {
 public:
  explicit ClockThread(std::uint64_t generation) : generation_(generation) {}

  // False, and the mail is dropped, when no thread could be started to read it.
  bool push(MailNode &node, MailNode::Kind kind, Admission &admission) noexcept;
  void stop() noexcept {
    is_stopping_.store(true, std::memory_order_seq_cst);
    mailbox_.wake();
  }
  // A stopped one has no batch in its list and none in its mail.
  bool is_stopped() const noexcept { return mailbox_.is_stopped(); }
  std::uint64_t generation() const noexcept { return generation_; }

 private:
  void run() noexcept;
  void read_mail() noexcept;
  void insert(Admission &admission) noexcept;
  void unlink(Admission &admission) noexcept;
  void ring(Instant now) noexcept;
  static void drop(MailNode *node) noexcept;

  const std::uint64_t generation_;
  Mailbox mailbox_;
  std::atomic<bool> is_stopping_{false};
  // The thread's own, sorted by deadline. Budgets are alike, so inserting from the end is short.
  Admission *earliest_ = nullptr;
  Admission *latest_ = nullptr;
};

std::atomic<ClockThread *> instance{nullptr};

// Null without memory. A parent's is leaked in the child.
ClockThread *current() noexcept {
  const std::uint64_t generation = process_generation();
  ClockThread *thread = instance.load(std::memory_order_acquire);
  while (thread == nullptr || thread->generation() != generation) {
    auto *fresh = new (std::nothrow) ClockThread(generation);
    if (fresh == nullptr) return nullptr;
    if (instance.compare_exchange_strong(thread, fresh, std::memory_order_acq_rel)) return fresh;
    delete fresh;
  }
  return thread;
}

bool ClockThread::push(MailNode &node, MailNode::Kind kind, Admission &admission) noexcept {
  node.kind = kind;
  admission.batch->retain();
  if (mailbox_.push(&node) == Mailbox::Push::delivered) return true;
  const bool started = start_thread(
      "octo-clock", kStackBytes, [](void *self) { static_cast<ClockThread *>(self)->run(); }, this);
  if (!started) drop(mailbox_.take_back());
  return started;
}

// There is no thread to watch these; waiting for ever would be worse than ending now.
void ClockThread::drop(MailNode *node) noexcept {
  while (node != nullptr) {
    MailNode *next = node->next;
    Batch &batch = *node->admission->batch;
    if (node->kind == MailNode::Kind::add) batch.freeze(Cause::closed);
    batch.release();
    node = next;
  }
}

void ClockThread::run() noexcept {
  // The default slack of 50 us would be added to every deadline.
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
  Instant idle_since = system_clock().now();
  bool is_stopping = false;
  while (true) {
    const std::uint32_t turn = mailbox_.turn();
    if (is_exiting()) park_for_exit();
    read_mail();
    const Instant now = system_clock().now();
    ring(now);
    if (earliest_ != nullptr) {
      idle_since = now;
      mailbox_.wait(turn, earliest_->batch->deadline());
      continue;
    }
    // Remembered: mail that comes just now puts the end off, not away.
    is_stopping = is_stopping_.exchange(false) || is_stopping;
    const bool is_over = is_stopping || now - idle_since >= kIdleMax;
    if (is_over && mailbox_.try_stop()) return;
    if (!is_over) mailbox_.wait(turn, idle_since + kIdleMax);
  }
}

void ClockThread::read_mail() noexcept {
  MailNode *node = mailbox_.take_all();
  while (node != nullptr) {
    MailNode *next = node->next;
    Admission &admission = *node->admission;
    if (node->kind == MailNode::Kind::remove) {
      unlink(admission);
      admission.batch->release();
    } else if (admission.batch->touch() == Cause::open) {
      insert(admission);
    } else {
      admission.batch->announce_freeze();
      admission.batch->release();
    }
    node = next;
  }
}

void ClockThread::insert(Admission &admission) noexcept {
  const Instant deadline = admission.batch->deadline();
  Admission *before = latest_;
  while (before != nullptr && before->batch->deadline() > deadline) before = before->alarm.earlier;
  Admission *after = before == nullptr ? earliest_ : before->alarm.later;
  admission.alarm.earlier = before;
  admission.alarm.later = after;
  admission.alarm.is_listed = true;
  (before == nullptr ? earliest_ : before->alarm.later) = &admission;
  (after == nullptr ? latest_ : after->alarm.earlier) = &admission;
}

// Gives the list's reference back.
void ClockThread::unlink(Admission &admission) noexcept {
  Alarm &alarm = admission.alarm;
  if (!alarm.is_listed) return;
  alarm.is_listed = false;
  (alarm.earlier == nullptr ? earliest_ : alarm.earlier->alarm.later) = alarm.later;
  (alarm.later == nullptr ? latest_ : alarm.later->alarm.earlier) = alarm.earlier;
  admission.batch->release();
}

// Freezes everything that is due before it lets go of any: letting go may free bodies, which takes time.
void ClockThread::ring(Instant now) noexcept {
  for (Admission *due = earliest_; due != nullptr && due->batch->deadline() <= now; due = due->alarm.later) {
    due->batch->touch();
    due->batch->announce_freeze();
  }
  while (earliest_ != nullptr && earliest_->batch->deadline() <= now) unlink(*earliest_);
}

}  // namespace

bool clock_add(Admission &admission) noexcept {
  ClockThread *thread = current();
  if (thread != nullptr) return thread->push(admission.alarm.add, MailNode::Kind::add, admission);
  admission.batch->freeze(Cause::closed);
  return false;
}

void clock_remove(Admission &admission) noexcept {
  ClockThread *thread = current();
  if (thread == nullptr || thread->is_stopped()) return;
  thread->push(admission.alarm.remove, MailNode::Kind::remove, admission);
}

void clock_stop() noexcept {
  ClockThread *thread = instance.load(std::memory_order_acquire);
  if (thread != nullptr && thread->generation() == process_generation()) thread->stop();
}

}  // namespace octo
