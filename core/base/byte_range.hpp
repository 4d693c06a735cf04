// The bytes of an object that a request asks for (RFC 9110 section 14).
#pragma once

#include <cstdint>
#include <string>

namespace octo {

struct ByteRange {
  enum class Kind : std::uint8_t { closed, from, suffix };
  Kind kind = Kind::closed;
  std::uint64_t first = 0;  // closed, from
  std::uint64_t last = 0;   // closed: included; suffix: how many bytes

  bool operator==(const ByteRange &) const = default;
};

// "bytes=0-99", "bytes=100-", "bytes=-20".
inline std::string range_text(const ByteRange &range) {
  switch (range.kind) {
    case ByteRange::Kind::closed: return "bytes=" + std::to_string(range.first) + "-" + std::to_string(range.last);
    case ByteRange::Kind::from: return "bytes=" + std::to_string(range.first) + "-";
    case ByteRange::Kind::suffix: return "bytes=-" + std::to_string(range.last);
  }
  return {};
}

}  // namespace octo
