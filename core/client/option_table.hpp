// Every option of a client, once: name, type, default, range, unit and documentation.
//
// The C setter, the command's flags, the bindings' keywords and docs/options.md all come from this table. A new option
// is a new row here and whoever reads its value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace octo {

enum class OptionType : std::uint8_t { text = 0, boolean = 1, count = 2, size = 3, duration = 4 };

enum class OptionId : std::uint8_t {
  name,
  budget,
  connections_max,
  connect_timeout,
  connect_next_after,
  queue_max,
  batch_requests_max,
  memory_max,
  object_size_max,
  idle_max,
  dns_refresh,
  dns_keep,
  dns_addresses,
  orphan_size_max,
  orphan_time_max,
  threads_idle,
  tls_ca_file,
  tls_ca_directory,
  tls_ca_pem,
  headers,
  user_agent,
  key_dot_segments,
  response_unframed,
  s3_region,
  s3_endpoint,
  s3_addressing,
  s3_dual_stack,
  s3_access_key_id,
  s3_secret_access_key,
  s3_session_token,
  s3_unsigned,
  s3_plain_http,
};

struct OptionRow {
  OptionId id;
  const char *name;
  OptionType type;
  const char *default_value;
  const char *minimum;
  const char *maximum;  // of a text, its size; 64KiB where empty
  bool is_reloadable;
  bool is_secret;
  const char *text;
};

std::span<const OptionRow> option_table() noexcept;
const OptionRow &option_row(OptionId id) noexcept;

// The row of that name; a refusal names the nearest one.
Result<const OptionRow *> find_option(std::string_view name);

// A checked value: `number` for bool (0, 1), count, size (bytes) and duration (nanoseconds), `text` for text.
struct OptionValue {
  std::uint64_t number = 0;
  std::string text;
};

// Reads `value` as the row's type and range say.
Result<OptionValue> parse_option(const OptionRow &row, std::string_view value);
// As a user would write it.
std::string format_option(const OptionRow &row, const OptionValue &value);

}  // namespace octo
