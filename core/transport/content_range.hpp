// The two header values that say how many bytes a body has and where in the object they belong.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_range.hpp"

namespace octo {

// Digits alone, at most 2^64 - 1 (RFC 9110 section 8.6); empty for anything else.
std::optional<std::uint64_t> parse_content_length(std::string_view value) noexcept;

struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;             // included, and not before first
  std::optional<std::uint64_t> size;  // of the whole object; empty for "*"

  std::uint64_t count() const noexcept { return last - first + 1; }
};

// "bytes 0-99/1234" or "bytes 0-99/*" (RFC 9110 section 14.4), within 63 bits; empty for anything else.
std::optional<ContentRange> parse_content_range(std::string_view value) noexcept;

// True when `got` is exactly what `asked` means of an object of that size.
bool answers(const ContentRange &got, const ByteRange &asked) noexcept;

// True when `asked` means all of an object of `size` bytes, so that a 200 answers it as well.
bool covers_whole(const ByteRange &asked, std::optional<std::uint64_t> size) noexcept;

}  // namespace octo
