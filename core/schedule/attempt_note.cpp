// Notes into the log of a batch, for attempt_note.hpp.
#include "schedule/attempt_note.hpp"

#include <utility>

namespace octo {

void AttemptNote::begin(Batch &batch, std::uint32_t index, std::uint32_t number, AttemptCause cause,
                        const Endpoint &endpoint, Instant now) noexcept {
  AttemptLog *const log = batch.attempt_log();
  // After the freeze an exchange is nobody's business.
  if (log == nullptr || batch.cause() != Cause::open) return;
  batch_ = &batch;
  phase_ = Phase::connecting;
  since_ = now;
  entry_ = log->begin({index, number, cause, us(now)}, endpoint.text);
}

void AttemptNote::enter(Phase phase, Instant at) noexcept {
  if (entry_ == nullptr) return;
  phase_ = phase;
  since_ = at;
  if (batch_->cause() == Cause::open && at < batch_->deadline()) entry_->enter(phase, us(at));
}

void AttemptNote::note_bytes(std::uint64_t received) noexcept {
  if (entry_ != nullptr && batch_->cause() == Cause::open) entry_->note_bytes(received);
}

void AttemptNote::end(const ExchangeEnd &end, Instant now) noexcept {
  if (entry_ == nullptr) return;
  AttemptEnd made;
  made.status = end.status;
  made.reused = end.reused;
  made.http_status = end.http_status;
  made.bytes_received = end.bytes_received;
  const PhaseDurations &spent = end.durations;
  made.phase_us = {
      0, 0, count_us(spent.connecting), count_us(spent.securing), count_us(spent.waiting), count_us(spent.receiving)};
  finish(made, now);
}

void AttemptNote::cut(Status status, std::uint64_t bytes_received, Instant now) noexcept {
  if (entry_ == nullptr) return;
  AttemptEnd made;
  made.status = status;
  made.bytes_received = bytes_received;
  made.phase_us[static_cast<std::size_t>(phase_)] = count_us(now - since_);
  finish(made, now);
}

// One that ends after the freeze stays as it was then.
void AttemptNote::finish(AttemptEnd end, Instant now) noexcept {
  AttemptEntry *const entry = std::exchange(entry_, nullptr);
  if (batch_->cause() != Cause::open || now >= batch_->deadline()) return;
  end.phase = phase_;
  end.since_us = us(since_);
  end.at_us = us(now);
  entry->end(end);
}

}  // namespace octo
