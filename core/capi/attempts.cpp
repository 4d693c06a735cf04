// The C function that reads the attempts of a batch.
#include "base/clock.hpp"
#include "batch/batch.hpp"
#include "batch/view.hpp"
#include "capi/boundary.hpp"
#include "capi/handles.hpp"

using octo::HandleKind;
using octo::Pin;
using octo::Status;
using octo::to_c;

namespace {

octo_attempt attempt_of(octo::Batch &batch, uint32_t position) noexcept {
  const octo::AttemptView view = octo::view_attempt(batch, position);
  octo_attempt attempt{};
  attempt.index = view.start.index;
  attempt.number = view.start.number;
  attempt.cause = static_cast<int32_t>(view.start.cause);
  attempt.status = to_c(view.end.status);
  attempt.phase = static_cast<int32_t>(view.end.phase);
  if (view.settled) attempt.flags |= OCTO_RESULT_SETTLED;
  if (view.end.reused) attempt.flags |= OCTO_RESULT_REUSED;
  attempt.http_status = view.end.http_status;
  attempt.address = view.address;
  attempt.bytes_received = view.end.bytes_received;
  attempt.started_us = view.start.at_us;
  attempt.since_us = view.end.since_us;
  attempt.ended_us = view.end.at_us;
  attempt.connecting_us = view.end.phase_us[OCTO_PHASE_CONNECTING];
  attempt.securing_us = view.end.phase_us[OCTO_PHASE_SECURING];
  attempt.waiting_us = view.end.phase_us[OCTO_PHASE_WAITING];
  attempt.receiving_us = view.end.phase_us[OCTO_PHASE_RECEIVING];
  return attempt;
}

}  // namespace

octo_status octo_batch_attempts(octo_batch *batch, size_t first, octo_attempt *attempts_out, size_t attempt_size,
                                size_t count) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  auto &owner = pin.object<octo::Batch>();
  if (owner.attempt_log() == nullptr) return to_c(Status::invalid_argument);
  if (owner.touch() == octo::Cause::open) return to_c(Status::again);
  owner.note_pickup(octo::system_clock().now());
  const uint32_t kept = octo::attempt_count(owner);
  if (first > kept || count > kept - first) return to_c(Status::invalid_argument);
  if (count == 0) return to_c(Status::ok);
  if (attempts_out == nullptr || attempt_size == 0) return to_c(Status::invalid_argument);
  char *at = reinterpret_cast<char *>(attempts_out);
  for (size_t i = 0; i < count; ++i, at += attempt_size) {
    octo::copy_out(attempt_of(owner, static_cast<uint32_t>(first + i)), at, attempt_size);
  }
  return to_c(Status::ok);
}
