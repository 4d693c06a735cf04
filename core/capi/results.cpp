// The C functions of batches: waiting, results, headers, explanations, and their end.
#include <cstring>

#include "base/ascii.hpp"
#include "base/clock.hpp"
#include "batch/batch.hpp"
#include "batch/explain.hpp"
#include "batch/view.hpp"
#include "capi/boundary.hpp"
#include "capi/handles.hpp"

using octo::guarded;
using octo::HandleKind;
using octo::Pin;
using octo::Status;
using octo::to_c;

namespace {

octo::Instant until(uint64_t wait_us) noexcept {
  constexpr uint64_t kSpanUsMax = uint64_t{1} << 50;
  if (wait_us > kSpanUsMax) return octo::kNever;
  return octo::later_by(octo::system_clock().now(), std::chrono::microseconds(wait_us));
}

octo_result result_of(octo::Batch &batch, uint32_t index) noexcept {
  const octo::RequestView view = octo::view_request(batch, index);
  octo_result result{};
  result.key = view.key.data();
  result.key_size = view.key.size();
  if (view.body != nullptr) {
    result.body = view.body->data();
    result.body_size = view.body->size();
    result.body_handle = reinterpret_cast<octo_body *>(view.body);
    // A caller may test the pointer: an empty body is there all the same.
    if (result.body == nullptr) result.body = "";
  }
  result.status = to_c(view.status);
  result.source = static_cast<int32_t>(view.source);
  result.phase = static_cast<int32_t>(view.phase);
  if (view.settled) result.flags |= OCTO_RESULT_SETTLED;
  if (view.reused) result.flags |= OCTO_RESULT_REUSED;
  if (view.partial) result.flags |= OCTO_RESULT_PARTIAL;
  result.http_status = view.http_status;
  result.attempts = view.attempts;
  result.message = view.message;
  result.address = view.address;
  result.error_code = view.error_code;
  result.request_id = view.request_id;
  result.extended_request_id = view.extended_request_id;
  result.bytes_received = view.bytes_received;
  result.object_size = view.object_size;
  result.settled_us = view.settled_us;
  result.since_us = view.since_us;
  result.queued_us = view.phase_us[OCTO_PHASE_QUEUED];
  result.resolving_us = view.phase_us[OCTO_PHASE_RESOLVING];
  result.connecting_us = view.phase_us[OCTO_PHASE_CONNECTING];
  result.securing_us = view.phase_us[OCTO_PHASE_SECURING];
  result.waiting_us = view.phase_us[OCTO_PHASE_WAITING];
  result.receiving_us = view.phase_us[OCTO_PHASE_RECEIVING];
  result.headers = view.headers.empty() ? "" : view.headers.data();
  result.headers_size = view.headers.size();
  return result;
}

// ok, or why the requests from `first` on cannot be read now.
Status readable(octo::Batch &batch, size_t first, size_t count) noexcept {
  if (first >= batch.request_count() || count > batch.request_count() - first) return Status::invalid_argument;
  if (batch.touch() != octo::Cause::open) {
    batch.note_pickup(octo::system_clock().now());
    return Status::ok;
  }
  for (size_t index = first; index < first + count; ++index) {
    if (batch.outcome(static_cast<uint32_t>(index)) == nullptr) return Status::again;
  }
  return Status::ok;
}

// The kept headers of a settled request, one after the other.
template <typename Visit>
void for_each_header(octo::Batch &batch, size_t index, Visit visit) noexcept {
  std::string_view headers = octo::view_request(batch, static_cast<uint32_t>(index)).headers;
  while (!headers.empty()) {
    const std::string_view name(headers.data());
    headers.remove_prefix(name.size() + 1);
    const std::string_view value(headers.data());
    headers.remove_prefix(value.size() + 1);
    if (!visit(name, value)) return;
  }
}

}  // namespace

octo_status octo_batch_wait(octo_batch *batch, uint64_t wait_us) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  const Status status = pin.object<octo::Batch>().wait(until(wait_us));
  return to_c(status == Status::ok && pin.has_ended() ? Status::closed : status);
}

octo_status octo_batch_next(octo_batch *batch, uint64_t wait_us, size_t *index_out) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  if (index_out == nullptr) return to_c(Status::invalid_argument);
  uint32_t index = 0;
  const Status status = pin.object<octo::Batch>().next(until(wait_us), index);
  if (pin.has_ended()) return to_c(Status::closed);
  if (status == Status::ok) *index_out = index;
  return to_c(status);
}

octo_status octo_batch_results(octo_batch *batch, size_t first, octo_result *results_out, size_t result_size,
                               size_t count) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  auto &owner = pin.object<octo::Batch>();
  if (count == 0) return to_c(Status::ok);
  if (results_out == nullptr || result_size == 0) return to_c(Status::invalid_argument);
  const Status status = readable(owner, first, count);
  if (status != Status::ok) return to_c(status);
  char *at = reinterpret_cast<char *>(results_out);
  for (size_t i = 0; i < count; ++i, at += result_size) {
    octo::copy_out(result_of(owner, static_cast<uint32_t>(first + i)), at, result_size);
  }
  return to_c(Status::ok);
}

octo_status octo_batch_describe(octo_batch *batch, octo_batch_info *info_out, size_t info_size) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  if (info_out == nullptr) return to_c(Status::invalid_argument);
  auto &owner = pin.object<octo::Batch>();
  if (owner.touch() != octo::Cause::open) owner.note_pickup(octo::system_clock().now());
  const octo::BatchSummary summary = octo::summarize(owner);
  octo_batch_info info{};
  info.state = to_c(octo::status_of(summary.state));
  info.request_count = summary.request_count;
  info.settled_count = summary.settled_count;
  info.ok_count = summary.ok_count;
  info.missing_count = summary.missing_count;
  info.late_count = summary.late_count;
  info.failed_count = summary.failed_count;
  info.budget_us = summary.budget_us;
  info.frozen_us = summary.frozen_us;
  info.pickup_lag_us = summary.pickup_lag_us;
  info.body_size = summary.body_bytes;
  info.tag = owner.tag();
  info.attempt_count = summary.attempt_count;
  octo::copy_out(info, info_out, info_size);
  return to_c(Status::ok);
}

octo_status octo_result_header(octo_batch *batch, size_t index, const char *name, const char **value_out,
                               size_t *size_out) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  if (name == nullptr || value_out == nullptr) return to_c(Status::invalid_argument);
  const Status status = readable(pin.object<octo::Batch>(), index, 1);
  if (status != Status::ok) return to_c(status);
  Status answer = Status::not_found;
  for_each_header(pin.object<octo::Batch>(), index, [&](std::string_view header, std::string_view value) {
    if (!octo::equals_ignoring_case(name, header)) return true;
    *value_out = value.data();
    if (size_out != nullptr) *size_out = value.size();
    answer = Status::ok;
    return false;
  });
  return to_c(answer);
}

octo_status octo_result_header_at(octo_batch *batch, size_t index, size_t position, const char **name_out,
                                  const char **value_out, size_t *size_out) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (!pin.is_ok()) return to_c(pin.status());
  if (name_out == nullptr || value_out == nullptr) return to_c(Status::invalid_argument);
  const Status status = readable(pin.object<octo::Batch>(), index, 1);
  if (status != Status::ok) return to_c(status);
  Status answer = Status::end;
  size_t at = 0;
  for_each_header(pin.object<octo::Batch>(), index, [&](std::string_view header, std::string_view value) {
    if (at++ != position) return true;
    *name_out = header.data();
    *value_out = value.data();
    if (size_out != nullptr) *size_out = value.size();
    answer = Status::ok;
    return false;
  });
  return to_c(answer);
}

octo_status octo_batch_explain(octo_batch *batch, int32_t format, char *buffer, size_t buffer_size,
                               size_t *size_out) noexcept {
  return guarded(nullptr, [&] {
    const Pin pin(octo::value_of(batch), HandleKind::batch);
    if (!pin.is_ok()) return to_c(pin.status());
    if (buffer == nullptr && buffer_size > 0) return to_c(Status::invalid_argument);
    auto &owner = pin.object<octo::Batch>();
    if (owner.touch() == octo::Cause::open) return to_c(Status::again);
    owner.note_pickup(octo::system_clock().now());
    std::string text;
    switch (format) {
      case OCTO_EXPLAIN_LINE: text = octo::explain_line(owner); break;
      case OCTO_EXPLAIN_JSON: text = octo::explain_json(owner); break;
      case OCTO_EXPLAIN_SVG: text = octo::explain_svg(owner); break;
      default: return to_c(Status::unsupported);
    }
    octo::copy_text(text, buffer, buffer_size, size_out);
    return to_c(Status::ok);
  });
}

void octo_batch_cancel(octo_batch *batch) noexcept {
  const Pin pin(octo::value_of(batch), HandleKind::batch);
  if (pin.is_ok()) pin.object<octo::Batch>().freeze(octo::Cause::cancelled);
}

void octo_batch_free(octo_batch *batch) noexcept { octo::handle_end(octo::value_of(batch), HandleKind::batch); }
