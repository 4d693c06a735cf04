// The parsers behind values.hpp.
#include "values.hpp"

#include <charconv>
#include <system_error>

#include "octofetch.h"

namespace octo::cli {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const char *const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  if (text.empty() || error != std::errc() || end != text_end) return std::nullopt;
  return number;
}

std::optional<ByteRange> parse_range(std::string_view text) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, dash);
  const std::string_view after = text.substr(dash + 1);
  const auto first = parse_count(before);
  const auto last = parse_count(after);
  if ((!before.empty() && !first) || (!after.empty() && !last)) return std::nullopt;
  if (first && last) {
    if (*first > *last) return std::nullopt;
    return ByteRange{OCTO_REQUEST_RANGE, *first, *last};
  }
  if (first) return ByteRange{OCTO_REQUEST_RANGE_FROM, *first, 0};
  if (last && *last > 0) return ByteRange{OCTO_REQUEST_RANGE_SUFFIX, 0, *last};
  return std::nullopt;
}

std::optional<Header> parse_header(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  return Header{std::string(text.substr(0, colon)), std::string(trimmed(text.substr(colon + 1)))};
}

std::optional<Setting> parse_setting(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return Setting{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

}  // namespace octo::cli
