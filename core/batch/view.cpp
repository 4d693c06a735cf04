// Reads outcomes and progress for view.hpp, and holds the sentences for requests that the freeze overtook.
#include "batch/view.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace octo {
namespace {

// Constants, so that a pointer to one outlives whatever asked for it; numbers stand in fields of their own.
const char *unsettled_message(Cause cause, Phase phase) noexcept {
  constexpr const char *kMessages[][kPhaseCount] = {
      {"the deadline came while the request waited for a free slot (connections.max)",
       "the deadline came while the origin's name was being resolved",
       "the deadline came while connecting to the origin", "the deadline came during the TLS handshake",
       "the deadline came while waiting for the first byte of the response",
       "the deadline came while the response was being received"},
      {"the batch was cancelled while the request waited for a free slot (connections.max)",
       "the batch was cancelled while the origin's name was being resolved",
       "the batch was cancelled while connecting to the origin", "the batch was cancelled during the TLS handshake",
       "the batch was cancelled while waiting for the first byte of the response",
       "the batch was cancelled while the response was being received"},
      {"the client was closed while the request waited for a free slot (connections.max)",
       "the client was closed while the origin's name was being resolved",
       "the client was closed while connecting to the origin", "the client was closed during the TLS handshake",
       "the client was closed while waiting for the first byte of the response",
       "the client was closed while the response was being received"},
  };
  const auto column = static_cast<std::size_t>(phase);
  switch (cause) {
    case Cause::open:
    case Cause::complete: return "";
    case Cause::deadline: return kMessages[0][column];
    case Cause::cancelled: return kMessages[1][column];
    case Cause::closed: return kMessages[2][column];
  }
  return "";
}

const char *settled_message(const Outcome &outcome) noexcept {
  if (!outcome.message.empty() || verdict_of(outcome.status) == Verdict::ok) return outcome.message.c_str();
  const StatusRow *row = find_status(static_cast<std::int32_t>(outcome.status));
  return row == nullptr ? "" : row->text;
}

void view_settled(const Batch &batch, const Outcome &outcome, RequestView &view) noexcept {
  const Instant submitted_at = batch.submitted_at();
  const PhaseTimes &times = outcome.times;
  view.settled = true;
  view.status = outcome.status;
  view.source = outcome.source;
  view.phase = outcome.phase;
  view.reused = outcome.reused;
  view.partial = outcome.partial;
  view.http_status = outcome.http_status;
  view.attempts = outcome.attempts;
  view.message = settled_message(outcome);
  view.address = outcome.address.c_str();
  view.error_code = outcome.error_code.c_str();
  view.request_id = outcome.request_id.c_str();
  view.extended_request_id = outcome.extended_request_id.c_str();
  view.body = outcome.status == Status::ok ? outcome.body.get() : nullptr;
  view.headers = outcome.headers;
  view.bytes_received = outcome.bytes_received;
  view.object_size = outcome.partial ? outcome.object_size : (view.body == nullptr ? 0 : view.body->size());
  view.settled_us = count_us(outcome.settled_at - submitted_at);
  view.since_us = std::min(count_us(outcome.since - submitted_at), view.settled_us);
  view.phase_us = {count_us(times.queued),   count_us(times.resolving), count_us(times.connecting),
                   count_us(times.securing), count_us(times.waiting),   count_us(times.receiving)};
}

void view_unsettled(Batch &batch, std::uint32_t index, RequestView &view) noexcept {
  const Cause cause = batch.cause();
  OCTO_ASSERT(cause != Cause::open);
  const ProgressReading reading = batch.unsettled(index);
  view.status = status_of(cause);
  view.phase = reading.phase;
  view.attempts = reading.attempts;
  view.bytes_received = reading.bytes_received;
  view.message = unsettled_message(cause, reading.phase);
  view.address = batch.addresses().text(reading.address_id);
  view.settled_us = count_us(batch.frozen_at() - batch.submitted_at());
  // The note may have been written while the batch was being cancelled.
  view.since_us = std::min(reading.since_us, view.settled_us);
  view.phase_us[static_cast<std::size_t>(reading.phase)] = view.settled_us - view.since_us;
}

void count(Verdict verdict, std::uint64_t amount, BatchSummary &summary) noexcept {
  switch (verdict) {
    case Verdict::ok: summary.ok_count += amount; break;
    case Verdict::missing: summary.missing_count += amount; break;
    case Verdict::late: summary.late_count += amount; break;
    case Verdict::failed: summary.failed_count += amount; break;
  }
}

}  // namespace

Verdict verdict_of(Status status) noexcept {
  switch (status) {
    case Status::ok:
    case Status::not_modified: return Verdict::ok;
    case Status::not_found: return Verdict::missing;
    case Status::deadline:
    case Status::shed: return Verdict::late;
    default: return Verdict::failed;
  }
}

RequestView view_request(Batch &batch, std::uint32_t index) noexcept {
  RequestView view;
  view.key = batch.request(index).key;
  if (const Outcome *outcome = batch.outcome(index)) {
    view_settled(batch, *outcome, view);
  } else {
    view_unsettled(batch, index, view);
  }
  return view;
}

std::uint32_t attempt_count(Batch &batch) noexcept {
  AttemptLog *const log = batch.attempt_log();
  return log == nullptr ? 0 : log->close();
}

AttemptView view_attempt(Batch &batch, std::uint32_t position) noexcept {
  AttemptEntry &entry = batch.attempt_log()->at(position);
  AttemptView view{entry.start(), entry.address(), false, {}};
  const std::uint64_t frozen_us = count_us(batch.frozen_at() - batch.submitted_at());
  if (const AttemptEnd *end = entry.ended()) {
    view.settled = true;
    view.end = *end;
  } else {
    const ProgressReading reading = entry.progress();
    view.end.status = status_of(batch.cause());
    view.end.phase = reading.phase;
    view.end.bytes_received = reading.bytes_received;
    view.end.since_us = reading.since_us;
    view.end.at_us = frozen_us;
    view.end.phase_us[static_cast<std::size_t>(reading.phase)] = frozen_us - std::min(reading.since_us, frozen_us);
  }
  // What was noted while the batch was being cancelled.
  const std::uint64_t beyond_us = view.end.at_us - std::min(view.end.at_us, frozen_us);
  std::uint64_t &last_us = view.end.phase_us[static_cast<std::size_t>(view.end.phase)];
  last_us -= std::min(last_us, beyond_us);
  view.start.at_us = std::min(view.start.at_us, frozen_us);
  view.end.at_us = std::min(view.end.at_us, frozen_us);
  view.end.since_us = std::min(view.end.since_us, frozen_us);
  return view;
}

BatchSummary summarize(Batch &batch) noexcept {
  BatchSummary summary;
  summary.state = batch.touch();
  summary.request_count = batch.request_count();
  summary.budget_us = count_us(batch.deadline() - batch.submitted_at());
  // Read behind the cause: after a freeze it is the last one for ever.
  const Outcome *last = batch.last_settled();
  if (last != nullptr) {
    summary.settled_count = last->number;
    summary.body_bytes = last->body_bytes_total;
  }
  if (summary.state == Cause::open) return summary;
  summary.frozen_us = count_us(batch.frozen_at() - batch.submitted_at());
  summary.pickup_lag_us = count_us(batch.pickup_lag());
  summary.attempt_count = attempt_count(batch);
  for (const Outcome *at = last; at != nullptr; at = at->previous) count(verdict_of(at->status), 1, summary);
  count(verdict_of(status_of(summary.state)), summary.request_count - summary.settled_count, summary);
  return summary;
}

}  // namespace octo
