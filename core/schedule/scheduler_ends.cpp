// How flights end, for scheduler.hpp: outcomes from exchanges, failures, giving slots back, and what is left then.
#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "schedule/scheduler.hpp"

namespace octo {

void Scheduler::on_addresses_ready() noexcept { has_more_to_start_ = true; }

void Scheduler::on_addresses_failed(Status status, const std::string &message) noexcept {
  // Whoever is still queued would only ask again, so all of them hear of it now.
  while (!resolving_.empty()) {
    Flight &flight = *resolving_.back();
    resolving_.pop_back();
    settle_failed(flight, status, message);
  }
  while (Flight *flight = queue_.front()) {
    queue_.pop_front();
    settle_failed(*flight, status, message);
  }
}

void Scheduler::on_attempt_progress(Attempt &attempt, Phase phase, Instant at) noexcept {
  std::uint32_t address_id = 0;
  try {
    address_id = parts_.address_book->id_of(attempt.endpoint()->text);
  } catch (const std::bad_alloc &) {
    // Shown without its address.
  }
  note(*attempt.flight(), phase, attempt.exchanges_started(), address_id, at);
  // It may have connected, which leaves others to drop.
  attempts_next_at_ = std::min(attempts_next_at_, attempt.next_at());
}

void Scheduler::note(const Flight &flight, Phase phase, std::uint32_t attempts, std::uint32_t address_id,
                     Instant at) noexcept {
  Batch &batch = *flight.group->batch;
  batch.note_progress(flight.index, {phase, attempts, address_id, count_us(at - batch.submitted_at())});
}

void Scheduler::on_attempt_end(Attempt &attempt, ExchangeEnd end) noexcept {
  const Instant now = parts_.clock.now();
  if (end.http_status != 0) {
    service_time_.add(end.durations.waiting + end.durations.receiving, now);
  }
  if (end.opened_connection && end.connected) {
    connect_time_.add(end.durations.connecting + end.durations.securing, now);
  }
  if (attempt.is_orphan()) {
    if (end.status == Status::ok) {
      parts_.counters.orphans_finished.add();
      parts_.ledger->discharge(end.body.size());
    } else {
      parts_.counters.orphans_cut.add();
    }
    --orphans_;
    remove_attempt(attempt);
    return;
  }
  Flight &flight = *attempt.flight();
  const std::size_t body_bytes = end.body.size();
  try {
    settle(flight, outcome_of(attempt, flight, std::move(end), now));
  } catch (const std::bad_alloc &) {
    // The body did not find an owner that would give its charge back.
    parts_.ledger->discharge(body_bytes);
    settle_failed(flight, Status::no_memory, {});
  }
}

Outcome Scheduler::outcome_of(const Attempt &attempt, const Flight &flight, ExchangeEnd end, Instant now) {
  Outcome outcome;
  outcome.status = end.status;
  outcome.phase = attempt.phase();
  outcome.since = attempt.phase_since();
  outcome.reused = end.reused;
  outcome.partial = end.partial;
  outcome.http_status = end.http_status;
  outcome.attempts = attempt.exchanges_started();
  outcome.bytes_received = end.bytes_received;
  outcome.object_size = end.object_size;
  outcome.headers = std::move(end.headers);
  outcome.message = std::move(end.message);
  outcome.error_code = std::move(end.error_code);
  outcome.request_id = std::move(end.request_id);
  outcome.extended_request_id = std::move(end.extended_request_id);
  outcome.address = attempt.endpoint()->text;
  outcome.times.resolving = flight.resolved_at - flight.started_at;
  outcome.times.queued = flight.started_at - flight.group->batch->submitted_at();
  outcome.times.connecting = end.durations.connecting;
  outcome.times.securing = end.durations.securing;
  outcome.times.waiting = end.durations.waiting;
  outcome.times.receiving = end.durations.receiving;
  if (outcome.since == Instant{}) outcome.since = now;
  if (end.status == Status::ok) {
    outcome.body = Ref<Body>::adopt(new Body(std::move(end.body), parts_.ledger));
  }
  return outcome;
}

void Scheduler::settle(Flight &flight, Outcome outcome) noexcept {
  const Status status = outcome.status;
  Batch &batch = *flight.group->batch;
  count_end(batch.settle(flight.index, std::move(outcome)), status);
  finish_flight(flight);
}

// A settle may lose to the freeze; each request is counted once all the same.
void Scheduler::count_end(bool settled, Status status) noexcept {
  if (!settled) {
    parts_.counters.requests_unsettled.add();
    return;
  }
  (status == Status::ok ? parts_.counters.requests_ok : parts_.counters.requests_other).add();
  if (status == Status::shed) parts_.counters.requests_shed.add();
}

void Scheduler::settle_failed(Flight &flight, Status status, std::string_view message) noexcept {
  Outcome outcome;
  outcome.status = status;
  try {
    outcome.message = message;
    if (flight.attempt != nullptr) outcome.address = flight.attempt->endpoint()->text;
  } catch (const std::bad_alloc &) {
    // The status says enough.
  }
  outcome.times.queued = parts_.clock.now() - flight.group->batch->submitted_at();
  outcome.since = flight.group->batch->submitted_at();
  if (flight.state != Flight::State::queued) {
    outcome.phase = Phase::resolving;
    outcome.since = flight.started_at;
    outcome.times.queued = flight.started_at - flight.group->batch->submitted_at();
  }
  if (flight.attempt != nullptr) {
    outcome.phase = flight.attempt->phase();
    outcome.since = flight.attempt->phase_since();
    outcome.attempts = flight.attempt->exchanges_started();
    outcome.bytes_received = flight.attempt->bytes_received();
    flight.attempt->note_cut(status);
  }
  settle(flight, std::move(outcome));
}

void Scheduler::finish_flight(Flight &flight) noexcept {
  OCTO_ASSERT(flight.state != Flight::State::done);
  if (flight.state != Flight::State::queued) --slots_busy_;
  flight.state = Flight::State::done;
  if (flight.attempt != nullptr) remove_attempt(*std::exchange(flight.attempt, nullptr));
  FlightGroup &group = *flight.group;
  if (--group.flights_live == 0) end_group(group, parts_.clock.now(), false);
}

// It would have taken longer than this.
void Scheduler::cut_attempt(Attempt &attempt, Instant now) noexcept {
  if (attempt.sent_at() != Instant{}) service_time_.add_cut(now - attempt.sent_at(), now);
  if (attempt.is_orphan()) {
    --orphans_;
    parts_.counters.orphans_cut.add();
  }
  remove_attempt(attempt);
}

void Scheduler::remove_attempt(Attempt &attempt) noexcept {
  const std::size_t position = attempt.list_position;
  OCTO_ASSERT(attempts_[position].get() == &attempt);
  if (position + 1 != attempts_.size()) {
    attempts_[position] = std::exchange(attempts_.back(), nullptr);
    attempts_[position]->list_position = position;
  }
  attempts_.pop_back();
}

ScheduleState Scheduler::state() const noexcept {
  ScheduleState state;
  state.at = parts_.clock.now();
  state.queued = queue_.size();
  state.slots_busy = slots_busy_;
  state.orphans = orphans_;
  state.in_phase[static_cast<std::size_t>(Phase::resolving)] = static_cast<std::uint32_t>(resolving_.size());
  for (const auto &attempt : attempts_) {
    if (!attempt->is_orphan()) ++state.in_phase[static_cast<std::size_t>(attempt->phase())];
  }
  state.addresses = addresses_.state();
  return state;
}

void Scheduler::publish_gauges() noexcept {
  parts_.counters.slots_busy.set(slots_busy_);
  parts_.counters.queued.set(queue_.size());
  parts_.counters.estimate_us.set(count_us(service_time_.estimate(parts_.clock.now())));
}

}  // namespace octo
