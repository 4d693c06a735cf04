// The rules that turn statuses into the exit code of the process.
#include "exit_code.hpp"

#include <algorithm>
#include <csignal>

namespace octo::cli {

int exit_code_of(octo_status status) noexcept {
  switch (status) {
    case OCTO_OK:
    case OCTO_NOT_MODIFIED: return kExitOk;
    case OCTO_NOT_FOUND: return kExitNotFound;
    case OCTO_DEADLINE:
    case OCTO_SHED: return kExitDeadline;
    case OCTO_NO_CREDENTIALS: return kExitConfiguration;
    case OCTO_RESOLVE_FAILED:
    case OCTO_CONNECT_FAILED:
    case OCTO_TLS_FAILED:
    case OCTO_CONNECTION_LOST:
    case OCTO_CIRCUIT_OPEN: return kExitNetwork;
    case OCTO_CANCELLED: return kExitSignal + SIGINT;
    default: return kExitSomeFailed;
  }
}

int exit_code_of(std::span<const Outcome> outcomes) noexcept {
  const auto is_unwritten = [](const Outcome &outcome) { return !outcome.output_error.empty(); };
  if (std::any_of(outcomes.begin(), outcomes.end(), is_unwritten)) return kExitSomeFailed;
  if (outcomes.size() == 1) return exit_code_of(outcomes[0].result.status);

  bool some_ok = false;
  int failures = kExitOk;  // the one exit code that all failures share, late ones aside
  bool some_late = false;
  for (const Outcome &outcome : outcomes) {
    const int code = exit_code_of(outcome.result.status);
    if (code == kExitOk) {
      some_ok = true;
    } else if (code == kExitDeadline) {
      some_late = true;
    } else if (failures == kExitOk || failures == code) {
      failures = code;
    } else {
      failures = kExitSomeFailed;
    }
  }
  if (failures == kExitOk) return some_late ? kExitDeadline : kExitOk;
  const bool has_one_cause = failures == kExitNetwork || failures == kExitConfiguration;
  return has_one_cause && !some_ok ? failures : kExitSomeFailed;
}

}  // namespace octo::cli
