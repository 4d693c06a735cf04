// Values of the command line that have a syntax of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace octo::cli {

// The bytes to ask for; `flag` is one of OCTO_REQUEST_RANGE, OCTO_REQUEST_RANGE_FROM and OCTO_REQUEST_RANGE_SUFFIX.
struct ByteRange {
  std::uint64_t flag;
  std::uint64_t first;
  std::uint64_t last;
};

struct Header {
  std::string name;
  std::string value;
};

struct Setting {
  std::string name;
  std::string value;
};

// Each gives nothing for a text that is not of its form.
std::optional<ByteRange> parse_range(std::string_view text) noexcept;  // "a-b", "a-", "-n"
std::optional<Header> parse_header(std::string_view text);             // "Name: value"
std::optional<Setting> parse_setting(std::string_view text);           // "option=value"
std::optional<std::uint64_t> parse_count(std::string_view text) noexcept;

}  // namespace octo::cli
