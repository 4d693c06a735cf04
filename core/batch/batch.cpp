// Settling, freezing, waiting and handing out for batch.hpp.
#include "batch/batch.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/os_futex.hpp"

namespace octo {
namespace {

// What a request has besides its body, about.
constexpr std::uint64_t kRequestBytes = 1024;

bool is_good(Status status) noexcept { return status == Status::ok || status == Status::not_modified; }

}  // namespace

const char *source_name(Source source) noexcept {
  constexpr const char *kNames[] = {"origin", "cache", "revalidated", "stale", "coalesced"};
  return kNames[static_cast<std::size_t>(source)];
}

Status status_of(Cause cause) noexcept {
  switch (cause) {
    case Cause::open: return Status::again;
    case Cause::complete: return Status::ok;
    case Cause::deadline: return Status::deadline;
    case Cause::cancelled: return Status::cancelled;
    case Cause::closed: return Status::closed;
  }
  return Status::internal;
}

Batch::Batch(BatchSpec spec, const Clock &clock)
    : spec_(std::move(spec)),
      clock_(clock),
      count_(static_cast<std::uint32_t>(spec_.requests.size())),
      slots_(new Slot[count_]),
      attempt_log_(spec_.keeps_attempts ? new AttemptLog : nullptr) {}

Batch::~Batch() { OCTO_ASSERT(announcer_link_.kinds.load(std::memory_order_relaxed) == 0); }

// Their counts are seldom in the cache by then. Asking for some ahead takes an eighth off what a page costs the thread of
// Node (bench node).
void Batch::drop_bodies() noexcept {
  constexpr std::uint32_t kAhead = 16;
  for (std::uint32_t first = 0; first < count_; first += kAhead) {
    const std::uint32_t end = std::min(first + kAhead, count_);
    for (std::uint32_t i = first; i < end; ++i) __builtin_prefetch(slots_[i].outcome.body.get(), 1);
    for (std::uint32_t i = first; i < end; ++i) slots_[i].outcome.body = {};
  }
}

void Batch::let_go(Batch *batch) noexcept {
  batch->drop_bodies();
  batch->spec_.ledger->returns().give(batch, sizeof(Batch) + batch->count_ * kRequestBytes);
}

bool Batch::settle(std::uint32_t index, Outcome outcome) noexcept {
  if (touch() != Cause::open) return false;
  Slot &slot = slots_[index];
  OCTO_ASSERT(slot.settled.load(std::memory_order_relaxed) == nullptr);
  slot.outcome = std::move(outcome);
  Outcome &own = slot.outcome;
  own.index = index;
  own.settled_at = clock_.now();
  if (own.body) own.body->set_settled(true);
  std::uintptr_t word = word_.load(std::memory_order_acquire);
  while (cause_of(word) == Cause::open && own.settled_at < spec_.deadline) {
    link(own, last_of(word));
    const Cause cause = own.number == count_ ? Cause::complete : Cause::open;
    const std::uintptr_t after = reinterpret_cast<std::uintptr_t>(&own) | static_cast<std::uintptr_t>(cause);
    if (word_.compare_exchange_weak(word, after, std::memory_order_acq_rel, std::memory_order_acquire)) {
      publish(own);
      if (cause == Cause::complete) {
        on_frozen(after);
      } else {
        on_settled(own);
      }
      return true;
    }
  }
  // Lost: nobody has seen the outcome, and nobody will.
  if (own.body) own.body->set_settled(false);
  slot.outcome = Outcome{};
  touch();
  return false;
}

void Batch::link(Outcome &outcome, const Outcome *previous) const noexcept {
  outcome.previous = previous;
  outcome.number = previous == nullptr ? 1 : previous->number + 1;
  outcome.body_bytes_total =
      (previous == nullptr ? 0 : previous->body_bytes_total) + (outcome.body ? outcome.body->size() : 0);
  outcome.ok_total = (previous == nullptr ? 0 : previous->ok_total) + (is_good(outcome.status) ? 1 : 0);
}

void Batch::publish(const Outcome &outcome) noexcept {
  slots_[outcome.index].settled.store(&outcome, std::memory_order_release);
  slots_[outcome.number - 1].by_number.store(&outcome, std::memory_order_release);
}

void Batch::on_settled(const Outcome &) noexcept {
  settled_word_.fetch_add(1, std::memory_order_seq_cst);
  if (streamers_.load(std::memory_order_seq_cst) != 0) futex_wake_all(settled_word_);
  if (spec_.streams && spec_.announcer) spec_.announcer->announce(*this, Announcer::kSettled);
}

void Batch::note_progress(std::uint32_t index, const ProgressReading &reading) noexcept {
  // What happens after the deadline is not where the time went, though nobody has frozen the batch yet.
  const bool is_in_time = reading.since_us < count_us(spec_.deadline - spec_.submitted_at);
  if (is_in_time && cause() == Cause::open) slots_[index].progress.note(reading);
}

void Batch::note_bytes(std::uint32_t index, std::uint64_t received) noexcept {
  if (cause() == Cause::open) slots_[index].progress.note_bytes(received);
}

bool Batch::freeze(Cause cause) noexcept {
  if (cause == Cause::cancelled || cause == Cause::closed) {
    // The deadline outranks whoever comes later than it.
    if (touch() != Cause::open) return false;
    std::int64_t unset = 0;
    stopped_at_.compare_exchange_strong(unset, clock_.now().time_since_epoch().count());
  }
  return swap_in(cause);
}

bool Batch::swap_in(Cause cause) noexcept {
  std::uintptr_t word = word_.load(std::memory_order_acquire);
  while (cause_of(word) == Cause::open) {
    const std::uintptr_t after = word | static_cast<std::uintptr_t>(cause);
    if (word_.compare_exchange_weak(word, after, std::memory_order_acq_rel, std::memory_order_acquire)) {
      on_frozen(after);
      return true;
    }
  }
  return false;
}

void Batch::on_frozen(std::uintptr_t word) noexcept {
  // First, so that whoever is woken finds the gauges right.
  const Outcome *last = last_of(word);
  if (last != nullptr) spec_.ledger->deliver(last->body_bytes_total);
  frozen_word_.store(1, std::memory_order_seq_cst);
  settled_word_.fetch_add(1, std::memory_order_seq_cst);
  if (waiters_.load(std::memory_order_seq_cst) != 0) futex_wake_all(frozen_word_);
  if (streamers_.load(std::memory_order_seq_cst) != 0) futex_wake_all(settled_word_);
  announce_freeze();
  if (spec_.host) spec_.host->on_frozen(*this, cause_of(word));
}

void Batch::announce_freeze() noexcept {
  if (!spec_.announcer || is_announced_.exchange(true, std::memory_order_acq_rel)) return;
  spec_.announcer->announce(*this, Announcer::kFrozen);
}

void Batch::give_up() noexcept {
  handle.store(0, std::memory_order_release);
  freeze(Cause::cancelled);
  if (spec_.host) spec_.host->on_freed(*this);
}

Cause Batch::cause() const noexcept { return cause_of(word_.load(std::memory_order_acquire)); }

Cause Batch::touch() noexcept {
  const Cause now = cause();
  if (now != Cause::open || clock_.now() < spec_.deadline) return now;
  swap_in(Cause::deadline);
  return cause();
}

Status Batch::wait(Instant until) noexcept {
  while (true) {
    if (touch() != Cause::open) {
      note_pickup(clock_.now());
      return Status::ok;
    }
    if (clock_.now() >= until) return Status::again;
    waiters_.fetch_add(1, std::memory_order_seq_cst);
    futex_wait(frozen_word_, 0, until < spec_.deadline ? until : spec_.deadline);
    waiters_.fetch_sub(1, std::memory_order_relaxed);
  }
}

Status Batch::next(Instant until, std::uint32_t &index) noexcept {
  while (true) {
    const std::uint32_t seen = settled_word_.load(std::memory_order_seq_cst);
    const bool is_frozen = touch() != Cause::open;
    if (is_frozen) note_pickup(clock_.now());
    if (take_settled(index)) return Status::ok;
    if (is_frozen) return take_unsettled(index) ? Status::ok : Status::end;
    if (clock_.now() >= until) return Status::again;
    streamers_.fetch_add(1, std::memory_order_seq_cst);
    futex_wait(settled_word_, seen, until < spec_.deadline ? until : spec_.deadline);
    streamers_.fetch_sub(1, std::memory_order_relaxed);
  }
}

bool Batch::take_settled(std::uint32_t &index) noexcept {
  std::uint32_t taken = next_settled_.load(std::memory_order_acquire);
  while (true) {
    const Outcome *last = last_settled();
    if (last == nullptr || taken >= last->number) return false;
    if (slots_[taken].by_number.load(std::memory_order_acquire) == nullptr) {
      publish_down_to(taken + 1);
    }
    const Outcome *outcome = slots_[taken].by_number.load(std::memory_order_acquire);
    if (next_settled_.compare_exchange_weak(taken, taken + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
      index = outcome->index;
      return true;
    }
  }
}

bool Batch::take_unsettled(std::uint32_t &index) noexcept {
  std::uint32_t from = next_unsettled_.load(std::memory_order_acquire);
  while (true) {
    std::uint32_t candidate = from;
    while (candidate < count_ && outcome(candidate) != nullptr) ++candidate;
    if (candidate == count_) return false;
    if (next_unsettled_.compare_exchange_weak(from, candidate + 1, std::memory_order_acq_rel,
                                              std::memory_order_acquire)) {
      index = candidate;
      return true;
    }
  }
}

// A settler may be held up between its swap and its own publish; whoever needs the outcome publishes it then.
void Batch::publish_down_to(std::uint32_t number) noexcept {
  for (const Outcome *at = last_settled(); at != nullptr && at->number >= number; at = at->previous) {
    publish(*at);
  }
}

const Outcome *Batch::outcome(std::uint32_t index) noexcept {
  // This order: once everything is published, an empty slot stays empty.
  const bool is_published = is_published_.load(std::memory_order_acquire);
  const Outcome *settled = slots_[index].settled.load(std::memory_order_acquire);
  if (settled != nullptr || is_published || cause() == Cause::open) return settled;
  publish_down_to(1);
  is_published_.store(true, std::memory_order_release);
  return slots_[index].settled.load(std::memory_order_acquire);
}

ProgressReading Batch::unsettled(std::uint32_t index) noexcept { return slots_[index].progress.close(); }

const Outcome *Batch::last_settled() const noexcept { return last_of(word_.load(std::memory_order_acquire)); }

Instant Batch::frozen_at() const noexcept {
  switch (cause()) {
    case Cause::open: return kNever;
    case Cause::complete: {
      const Outcome *last = last_settled();
      return last == nullptr ? spec_.submitted_at : last->settled_at;
    }
    case Cause::deadline:
      // A deadline that was over at submit froze the batch there and then.
      return spec_.deadline < spec_.submitted_at ? spec_.submitted_at : spec_.deadline;
    case Cause::cancelled:
    case Cause::closed: return Instant(Duration(stopped_at_.load(std::memory_order_relaxed)));
  }
  return kNever;
}

void Batch::note_pickup(Instant now) noexcept {
  std::int64_t unset = 0;
  if (picked_up_at_.load(std::memory_order_relaxed) != 0) return;
  picked_up_at_.compare_exchange_strong(unset, now.time_since_epoch().count(), std::memory_order_relaxed);
}

Duration Batch::pickup_lag() const noexcept {
  const std::int64_t at = picked_up_at_.load(std::memory_order_relaxed);
  if (at == 0) return Duration{0};
  const Duration lag = Instant(Duration(at)) - frozen_at();
  return lag < Duration{0} ? Duration{0} : lag;
}

}  // namespace octo
