// What a batch and each of its requests read as from outside: one answer for results, descriptions and explanations,
// whether a request settled or the freeze overtook it.
//
// Views point into the batch and are valid as long as it lives; making one allocates nothing. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "batch/batch.hpp"

namespace octo {

// How a status counts in a summary; each counts once.
enum class Verdict : std::uint8_t { ok, missing, late, failed };

Verdict verdict_of(Status status) noexcept;

// Times are microseconds; instants count from submit.
struct RequestView {
  std::string_view key;
  Status status = Status::internal;
  Source source = Source::origin;
  Phase phase = Phase::queued;
  bool settled = false;
  bool reused = false;
  bool partial = false;
  std::uint32_t http_status = 0;
  std::uint32_t attempts = 0;
  const char *message = "";  // for an unsettled request a constant, chosen by cause and phase
  const char *address = "";
  const char *error_code = "";
  const char *request_id = "";
  const char *extended_request_id = "";
  Body *body = nullptr;      // borrowed; only of an ok request
  std::string_view headers;  // name NUL value NUL ...
  std::uint64_t bytes_received = 0;
  std::uint64_t object_size = 0;
  std::uint64_t settled_us = 0;                          // of an unsettled request: the freeze
  std::uint64_t since_us = 0;                            // the start of `phase`
  std::array<std::uint64_t, kPhaseCount> phase_us = {};  // of an unsettled request: only its last phase is known
};

// The request must have settled or the batch be frozen.
RequestView view_request(Batch &batch, std::uint32_t index) noexcept;

// One exchange of a frozen batch that keeps its attempts.
struct AttemptView {
  AttemptStart start;
  const char *address = "";
  bool settled = false;  // ended before the freeze
  AttemptEnd end;        // of an unsettled one, as it was at the freeze
};

// Of a frozen batch; 0 where it keeps none.
std::uint32_t attempt_count(Batch &batch) noexcept;
// `position` is below attempt_count.
AttemptView view_attempt(Batch &batch, std::uint32_t position) noexcept;

struct BatchSummary {
  Cause state = Cause::open;
  std::uint64_t request_count = 0;
  std::uint64_t settled_count = 0;
  // These four are filled after the freeze and then add up to request_count.
  std::uint64_t ok_count = 0;
  std::uint64_t missing_count = 0;
  std::uint64_t late_count = 0;
  std::uint64_t failed_count = 0;
  std::uint64_t budget_us = 0;
  std::uint64_t frozen_us = 0;      // 0 for an open batch
  std::uint64_t pickup_lag_us = 0;  // likewise
  std::uint64_t body_bytes = 0;
  std::uint64_t attempt_count = 0;  // kept ones; 0 for an open batch
};

// Allowed at any time. Walks the settled requests of a frozen batch.
BatchSummary summarize(Batch &batch) noexcept;

}  // namespace octo
