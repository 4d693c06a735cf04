// Percent-encoding of paths, in both directions, one spelling out: paths compare as bytes, and the report writes every path the
// same way however the client encoded it.
#pragma once

#include <string>
#include <string_view>

namespace octo::origin {

inline int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// A `%` that does not begin an escape stands for itself.
inline std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// Letters, digits and `-._~/` stay; every other byte becomes %XX.
inline std::string percent_encoded(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size());
  for (const char byte : bytes) {
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~' ||
                          byte == '/';
    if (is_plain) {
      out.push_back(byte);
    } else {
      const auto value = static_cast<unsigned char>(byte);
      out.push_back('%');
      out.push_back(kDigits[value >> 4]);
      out.push_back(kDigits[value & 15]);
    }
  }
  return out;
}

}  // namespace octo::origin
