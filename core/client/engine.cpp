// Live batches, freezing and the life of the I/O thread, for engine.hpp.
#include "client/engine.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "base/clock.hpp"
#include "base/os_futex.hpp"
#include "base/os_thread.hpp"
#include "client/clock_thread.hpp"
#include "client/loop_thread.hpp"
#include "transport/curl_library.hpp"

namespace octo {
namespace {

// libcurl and OpenSSL need well below half of it.
constexpr std::size_t kStackBytes = 512 * 1024;

}  // namespace

Admission::Admission(std::shared_ptr<Engine> owner) : engine(std::move(owner)) {
  submit.admission = this;
  release.admission = this;
  release.kind = MailNode::Kind::remove;
  alarm.add.admission = this;
  alarm.remove.admission = this;
}

void Admission::on_frozen(Batch &, Cause cause) noexcept { engine->on_frozen(*this, cause); }

void Admission::on_freed(Batch &) noexcept { engine->leave(*this); }

Engine::Engine(std::shared_ptr<const EngineConfig> config, std::uint64_t generation)
    : config_(std::move(config)),
      generation_(generation),
      mailbox_(std::make_shared<Mailbox>()),
      ledger_(Ref<Ledger>::adopt(new Ledger(config_->memory_bytes_max, mailbox_))),
      address_book_(Ref<AddressBook>::adopt(new AddressBook)) {}

bool Engine::enter(Admission &admission) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_closed_.load(std::memory_order_relaxed)) return false;
  admission.next_live = live_;
  if (live_ != nullptr) live_->previous_live = &admission;
  live_ = &admission;
  admission.is_live = true;
  admission.has_entered = true;
  unfrozen_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Engine::leave(Admission &admission) noexcept {
  if (admission.has_entered) note_worst(*admission.batch);
  const std::lock_guard lock(mutex_);
  if (!std::exchange(admission.is_live, false)) return;
  if (admission.next_live != nullptr) admission.next_live->previous_live = admission.previous_live;
  (admission.previous_live == nullptr ? live_ : admission.previous_live->next_live) = admission.next_live;
}

void Engine::submit(Admission &admission) noexcept {
  counters_.batches.add();
  counters_.requests.add(admission.batch->request_count());
  if (admission.batch->touch() != Cause::open) return count_unsettled(*admission.batch);
  if (admission.batch->has_announcer() && !clock_add(admission)) return count_unsettled(*admission.batch);
  admission.batch->retain();
  if (mailbox_->push(&admission.submit) == Mailbox::Push::delivered) return;
  is_stop_requested_.store(is_closed_.load(), std::memory_order_relaxed);
  auto *self = new (std::nothrow) std::shared_ptr<Engine>(weak_from_this().lock());
  if (self != nullptr && start_thread("octo-io", kStackBytes, run, self)) return;
  delete self;
  fail_mail(mailbox_->take_back(), "the process has no thread left for the client's engine");
}

// Of a frozen batch that no scheduler sees.
void Engine::count_unsettled(const Batch &batch) noexcept {
  counters_.requests_unsettled.add(batch.request_count() - batch.settled_count());
}

void Engine::run(void *engine) noexcept {
  auto *self = static_cast<std::shared_ptr<Engine> *>(engine);
  LibraryVisit visit;
  (*self)->run_loop(visit);
  delete self;
  leave_openssl();
}

void Engine::run_loop(LibraryVisit &visit) noexcept {
  do {
    LoopThread loop(*this, visit);
    std::string message;
    if (!loop.open(message)) {
      loop.close();
      fail_mail(mailbox_->take_back(), message.c_str());
      return;
    }
    loop.run();
  } while (!mailbox_->try_stop());
}

void Engine::fail_mail(MailNode *mail, const char *message) noexcept {
  while (mail != nullptr) {
    MailNode *next = mail->next;
    Batch &batch = *mail->admission->batch;
    const bool is_submit = mail->kind == MailNode::Kind::add;
    for (std::uint32_t index = 0; is_submit && index < batch.request_count(); ++index) {
      if (batch.outcome(index) != nullptr) continue;
      Outcome outcome;
      outcome.status = Status::local_resource;
      try {
        outcome.message = message;
      } catch (const std::bad_alloc &) {
        // The status says enough.
      }
      (batch.settle(index, std::move(outcome)) ? counters_.requests_other : counters_.requests_unsettled).add();
    }
    batch.release();
    mail = next;
  }
}

void Engine::on_frozen(Admission &admission, Cause cause) noexcept {
  Batch &batch = *admission.batch;
  if (cause == Cause::complete) counters_.batches_complete.add();
  if (cause == Cause::deadline) counters_.batches_deadline.add();
  if (admission.has_entered && unfrozen_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    futex_wake_all(unfrozen_);
  }
  if (cause != Cause::deadline && batch.has_announcer()) clock_remove(admission);
  if (cause != Cause::cancelled && cause != Cause::closed) return;
  // The engine still works on it. A thread that is not there has nothing to be told.
  if (mailbox_->is_stopped()) return;
  batch.retain();
  if (mailbox_->push(&admission.release) == Mailbox::Push::start_thread) {
    fail_mail(mailbox_->take_back(), "the engine stopped");
  }
}

// Batches are frozen in slices outside the lock, because a freeze may call the host's hook.
void Engine::freeze_all(Cause cause) noexcept {
  while (true) {
    std::array<Ref<Batch>, 64> slice;
    std::size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      for (Admission *live = live_; live != nullptr && count < slice.size(); live = live->next_live) {
        if (live->batch->cause() == Cause::open) slice[count++] = Ref<Batch>::share(live->batch);
      }
    }
    if (count == 0) return;
    for (std::size_t i = 0; i < count; ++i) slice[i]->freeze(cause);
  }
}

void Engine::refuse_new() noexcept {
  const std::lock_guard lock(mutex_);
  is_closed_.store(true, std::memory_order_relaxed);
}

void Engine::close() noexcept {
  refuse_new();
  freeze_all(Cause::closed);
  stop_thread();
}

void Engine::stop_thread() noexcept {
  is_stop_requested_.store(true, std::memory_order_seq_cst);
  mailbox_->wake();
}

Status Engine::wait_until_frozen(Instant until) noexcept {
  while (true) {
    const std::uint32_t count = unfrozen_.load(std::memory_order_acquire);
    if (count == 0) return Status::ok;
    if (system_clock().now() >= until) return Status::again;
    futex_wait(unfrozen_, count, std::min(until, freeze_due()));
  }
}

// Freezes what nobody touched since its deadline; when the next one is due.
Instant Engine::freeze_due() noexcept {
  const Instant now = system_clock().now();
  Instant next = kNever;
  Ref<Batch> due;
  {
    const std::lock_guard lock(mutex_);
    for (Admission *live = live_; live != nullptr; live = live->next_live) {
      if (live->batch->cause() != Cause::open) continue;
      next = std::min(next, live->batch->deadline());
      if (live->batch->deadline() <= now) due = Ref<Batch>::share(live->batch);
    }
  }
  if (!due) return next;
  due->touch();
  return now;
}

}  // namespace octo
