// Which extra request headers a caller may set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace octo {

inline constexpr std::size_t kBatchHeadersMax = 32;

// "Name: value" for the wire. Refuses what is no header (RFC 9110 section 5), what frames or conditions the request,
// what belongs to one hop, and, where `is_exposed` (plain http to another host), what carries a secret.
Result<std::string> header_line(std::string_view name, std::string_view value, bool is_exposed);

// The lines of the `headers` option.
Result<std::vector<std::string>> header_lines(std::string_view text, bool is_exposed);

// Whether a line is the header that signing writes.
bool is_authorization(std::string_view line) noexcept;

// An entity tag as If-None-Match takes it: "*", or quoted, maybe weak.
bool is_entity_tag(std::string_view text) noexcept;

}  // namespace octo
