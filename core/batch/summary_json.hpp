// What a batch came to as JSON, for every document that tells of batches.
#pragma once

#include <nlohmann/json.hpp>

#include "base/status.hpp"
#include "batch/view.hpp"

namespace octo {

inline const char *status_name(Status status) {
  const StatusRow *row = find_status(static_cast<std::int32_t>(status));
  return row == nullptr ? "UNKNOWN" : row->name;
}

inline nlohmann::ordered_json counts_json(const BatchSummary &summary) {
  return {{"requests", summary.request_count}, {"settled", summary.settled_count}, {"ok", summary.ok_count},
          {"missing", summary.missing_count},  {"late", summary.late_count},       {"failed", summary.failed_count}};
}

}  // namespace octo
