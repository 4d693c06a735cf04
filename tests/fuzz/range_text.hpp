// The range that a fuzz input asks for, as "0-99", "100-" or "-20", and what it means: the model that targets compare
// with.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/byte_range.hpp"
#include "input.hpp"

namespace octo::fuzz {

// Only ranges that a client lets through: first not behind last, a suffix of at least one byte.
inline std::optional<ByteRange> read_range(std::string_view text) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view first = text.substr(0, dash);
  const std::string_view last = text.substr(dash + 1);
  ByteRange range{ByteRange::Kind::closed, number(first), number(last)};
  if (first.empty()) range.kind = ByteRange::Kind::suffix;
  if (!first.empty() && last.empty()) range.kind = ByteRange::Kind::from;
  if (range.kind == ByteRange::Kind::closed && range.last < range.first) return {};
  if (range.kind == ByteRange::Kind::suffix && range.last == 0) return {};
  return range;
}

__extension__ using Wide = unsigned __int128;

// The bytes from `begin` up to `end`, in numbers that do not overflow.
struct Span {
  Wide begin = 0;
  Wide end = 0;

  bool operator==(const Span &) const = default;
};

// What a range means of an object of `size` bytes (RFC 9110 section 14.1.2).
inline Span meaning_of(const ByteRange &range, std::uint64_t size) noexcept {
  const Wide all = size;
  switch (range.kind) {
    case ByteRange::Kind::closed: return {range.first, std::min<Wide>(Wide{range.last} + 1, all)};
    case ByteRange::Kind::from: return {range.first, all};
    case ByteRange::Kind::suffix: return {all - std::min<Wide>(range.last, all), all};
  }
  return {};
}

}  // namespace octo::fuzz
