// Escaping and UTF-8 checks for printable.hpp.
#include "base/printable.hpp"

#include <cstdint>

namespace octo {
namespace {

constexpr char kHex[] = "0123456789abcdef";

std::uint32_t decode(std::string_view sequence) noexcept {
  constexpr std::uint32_t kLeadMask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t point = static_cast<unsigned char>(sequence[0]) & kLeadMask[sequence.size()];
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    point = (point << 6) | (static_cast<unsigned char>(sequence[i]) & 0x3f);
  }
  return point;
}

// Overlong forms, surrogates and numbers behind the last code point are no UTF-8 (RFC 3629 section 3).
bool is_code_point(std::uint32_t point, std::size_t size) noexcept {
  constexpr std::uint32_t kSmallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  return point >= kSmallest[size] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

bool is_shown(std::string_view sequence) noexcept {
  const std::uint32_t point = decode(sequence);
  if (point < 0x20 || point == '"' || point == '\\') return false;
  if (point >= 0x7f && point < 0xa0) return false;
  // Marks that reorder or hide text: U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF.
  const bool hides = (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
                     (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
  return !hides;
}

}  // namespace

std::size_t utf8_sequence_size(std::string_view bytes) noexcept {
  if (bytes.empty()) return 0;
  const auto lead = static_cast<unsigned char>(bytes[0]);
  std::size_t size = 0;
  if (lead < 0x80) {
    size = 1;
  } else if (lead >= 0xc2 && lead <= 0xdf) {
    size = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    size = 3;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    size = 4;
  }
  if (size == 0 || bytes.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xc0) != 0x80) return 0;
  }
  return is_code_point(decode(bytes.substr(0, size)), size) ? size : 0;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t size = utf8_sequence_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

std::string printable(std::string_view bytes, std::size_t bytes_max) {
  std::string text;
  while (!bytes.empty()) {
    std::string piece;
    const std::size_t size = utf8_sequence_size(bytes);
    if (size != 0 && is_shown(bytes.substr(0, size))) {
      piece.assign(bytes.substr(0, size));
      bytes.remove_prefix(size);
    } else {
      const auto byte = static_cast<unsigned char>(bytes[0]);
      piece = {'\\', 'x', kHex[byte >> 4], kHex[byte & 0xf]};
      bytes.remove_prefix(1);
    }
    if (text.size() + piece.size() > bytes_max) return text + "...";
    text += piece;
  }
  return text;
}

}  // namespace octo
