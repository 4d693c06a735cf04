// Sorting, trimming and encoding for canonical_request.hpp.
#include "auth/canonical_request.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "base/url.hpp"

namespace octo {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

// Without blanks at both ends, and one space for each run of them within, also between quotes.
std::string collapsed(std::string_view value) {
  std::string text;
  text.reserve(value.size());
  for (const char c : value) {
    if (!is_blank(c)) {
      text.push_back(c);
    } else if (!text.empty() && text.back() != ' ') {
      text.push_back(' ');
    }
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// A '%' that begins no encoding stands for itself.
std::string decoded(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool has_two = text[i] == '%' && text.size() - i > 2;
    const int high = has_two ? hex_value(text[i + 1]) : -1;
    const int low = has_two ? hex_value(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      bytes.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      bytes.push_back(text[i]);
    }
  }
  return bytes;
}

std::string encoded_anew(std::string_view text) {
  std::string encoded;
  percent_encode(decoded(text), false, encoded);
  return encoded;
}

// Cuts the piece before the next `separator` off `text`.
std::string_view next_piece(std::string_view &text, char separator) noexcept {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

using NamedValue = std::pair<std::string, std::string>;

// Equal names keep the order in which they are sent, and become one with their values between commas.
std::vector<NamedValue> canonical_fields(std::span<const HeaderField> fields) {
  std::vector<NamedValue> sorted;
  sorted.reserve(fields.size());
  for (const HeaderField &field : fields) sorted.emplace_back(lower_case(field.name), collapsed(field.value));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const NamedValue &a, const NamedValue &b) { return a.first < b.first; });
  std::vector<NamedValue> merged;
  merged.reserve(sorted.size());
  for (NamedValue &field : sorted) {
    if (!merged.empty() && merged.back().first == field.first) {
      merged.back().second += "," + field.second;
    } else {
      merged.push_back(std::move(field));
    }
  }
  return merged;
}

}  // namespace

CanonicalRequest canonical_request(std::string_view method, std::string_view target,
                                   std::span<const HeaderField> fields, std::string_view payload_hash) {
  OCTO_ASSERT(target.starts_with('/'));
  CanonicalRequest request;
  std::string &text = request.text;
  text.reserve(512 + target.size());
  text.append(method).push_back('\n');
  text.append(next_piece(target, '?')).push_back('\n');
  text.append(canonical_query(target)).push_back('\n');
  for (const auto &[name, value] : canonical_fields(fields)) {
    text.append(name).append(":").append(value).push_back('\n');
    if (!request.signed_headers.empty()) request.signed_headers.push_back(';');
    request.signed_headers.append(name);
  }
  text.append("\n").append(request.signed_headers).append("\n").append(payload_hash);
  return request;
}

std::string canonical_query(std::string_view query) {
  std::vector<NamedValue> parameters;
  while (!query.empty()) {
    std::string_view value = next_piece(query, '&');
    if (value.empty()) continue;
    const std::string_view name = next_piece(value, '=');
    parameters.emplace_back(encoded_anew(name), encoded_anew(value));
  }
  // By name first: as whole texts "a-b=" would come before "a=".
  std::sort(parameters.begin(), parameters.end());
  std::string text;
  for (const auto &[name, value] : parameters) {
    if (!text.empty()) text.push_back('&');
    text.append(name).append("=").append(value);
  }
  return text;
}

std::vector<HeaderField> fields_to_sign(std::span<const std::string> lines) {
  std::vector<HeaderField> fields;
  for (std::string_view rest : lines) {
    const std::size_t end = std::min(rest.find_first_of(":;"), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (starts_with_ignoring_case(name, "x-amz-")) fields.push_back({name, rest});
  }
  return fields;
}

}  // namespace octo
