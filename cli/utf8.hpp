// Tells UTF-8 from other bytes, one character at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace octo::cli {

struct Character {
  std::size_t size;  // 1 to 4 bytes; 0 when the bytes do not begin with valid UTF-8
  std::uint32_t code_point;
};

// The first character of `bytes`, which are not empty. Overlong forms and surrogates are not UTF-8 (RFC 3629 section 3).
Character first_character(std::string_view bytes) noexcept;

bool is_utf8(std::string_view bytes) noexcept;

}  // namespace octo::cli
