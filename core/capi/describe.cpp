// The C functions that name things: statuses, phases, sources, versions, and the clock.
#include "base/clock.hpp"
#include "base/phase.hpp"
#include "base/status.hpp"
#include "batch/attempt_log.hpp"
#include "batch/outcome.hpp"
#include "capi/boundary.hpp"
#include "client/build_information.hpp"

namespace {

using octo::Phase;
using octo::Source;
using octo::Status;

static_assert(static_cast<int>(Status::internal) == OCTO_INTERNAL);
static_assert(static_cast<int>(Status::deadline) == OCTO_DEADLINE);
static_assert(static_cast<int>(Status::no_memory) == OCTO_NO_MEMORY);
static_assert(static_cast<int>(Status::connect_failed) == OCTO_CONNECT_FAILED);
static_assert(static_cast<int>(Status::invalid_argument) == OCTO_INVALID_ARGUMENT);
static_assert(static_cast<int>(Status::end) == OCTO_END);
static_assert(static_cast<int>(Phase::receiving) == OCTO_PHASE_RECEIVING);
static_assert(static_cast<int>(Source::coalesced) == OCTO_SOURCE_COALESCED);

}  // namespace

const char *octo_status_name(octo_status status) noexcept {
  const octo::StatusRow *row = octo::find_status(status);
  return row == nullptr ? "UNKNOWN" : row->name;
}

const char *octo_status_text(octo_status status) noexcept {
  const octo::StatusRow *row = octo::find_status(status);
  return row == nullptr ? "This is no status of this library's version." : row->text;
}

const char *octo_phase_name(int32_t phase) noexcept {
  const bool is_known = phase >= 0 && phase < static_cast<int32_t>(octo::kPhaseCount);
  return is_known ? octo::phase_name(static_cast<Phase>(phase)) : "unknown";
}

const char *octo_source_name(int32_t source) noexcept {
  const bool is_known = source >= 0 && source <= OCTO_SOURCE_COALESCED;
  return is_known ? octo::source_name(static_cast<Source>(source)) : "unknown";
}

const char *octo_attempt_cause_name(int32_t cause) noexcept {
  const bool is_known = cause >= OCTO_ATTEMPT_FIRST && cause <= OCTO_ATTEMPT_RERUN;
  return is_known ? octo::attempt_cause_name(static_cast<octo::AttemptCause>(cause)) : "unknown";
}

const char *octo_version(void) noexcept { return OCTO_VERSION_TEXT; }

const char *octo_build_information(void) noexcept { return octo::build_information(); }

uint64_t octo_now_ns(void) noexcept {
  return static_cast<uint64_t>(octo::system_clock().now().time_since_epoch().count());
}
