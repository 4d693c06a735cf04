// How a request or a call ended: the one list of statuses, with names and sentences for people.
//
// The numbers equal the OCTO_... constants of octofetch.h; core/capi asserts that at compile time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octo {

enum class Status : std::int32_t {
  ok = 0,
  not_modified = 1,
  not_found = 2,
  forbidden = 3,
  redirected = 4,
  throttled = 5,
  server_error = 6,
  client_error = 7,
  resolve_failed = 8,
  connect_failed = 9,
  tls_failed = 10,
  connection_lost = 11,
  protocol_error = 12,
  truncated = 13,
  corrupt = 14,
  range_not_satisfiable = 15,
  modified = 16,
  too_large = 17,
  no_memory = 18,
  local_resource = 19,
  no_credentials = 20,
  invalid_key = 21,
  deadline = 22,
  cancelled = 23,
  shed = 24,
  circuit_open = 25,
  closed = 26,
  forked = 27,
  internal = 28,
  invalid_argument = 64,
  unsupported = 65,
  again = 66,
  end = 67,
};

struct StatusRow {
  Status status;
  const char *name;
  const char *text;
};

// Every status once, in the order of their numbers.
inline constexpr std::size_t kStatusCount = 33;
const StatusRow (&status_table() noexcept)[kStatusCount];

// The row of `status`, or null for a number that is no status.
const StatusRow *find_status(std::int32_t status) noexcept;

}  // namespace octo
