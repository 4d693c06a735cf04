// Outcomes as the library would report them, for the tests of what the command makes of them.
#pragma once

#include <string_view>

#include "octofetch.h"
#include "outcome.hpp"

namespace octo::cli {

// `key` and every other text must outlive the outcome.
inline Outcome settled_outcome(std::string_view key, octo_status status, std::uint64_t settled_us) {
  Outcome outcome{};
  octo_result &result = outcome.result;
  result.key = key.data();
  result.key_size = key.size();
  result.status = status;
  result.flags = OCTO_RESULT_SETTLED;
  result.phase = OCTO_PHASE_RECEIVING;
  result.attempts = 1;
  result.message = result.error_code = result.request_id = "";
  result.address = "192.0.2.7:443";
  result.settled_us = settled_us;
  result.waiting_us = settled_us;
  return outcome;
}

// Frozen at `frozen_us` while it was in `phase`.
inline Outcome unsettled_outcome(std::string_view key, std::int32_t phase, std::uint64_t since_us,
                                 std::uint64_t frozen_us) {
  Outcome outcome = settled_outcome(key, OCTO_DEADLINE, frozen_us);
  outcome.result.flags = 0;
  outcome.result.phase = phase;
  outcome.result.since_us = since_us;
  if (phase == OCTO_PHASE_QUEUED) outcome.result.address = "";
  return outcome;
}

}  // namespace octo::cli
