// Which characters are shown and which are escaped.
#include "escape.hpp"

#include <cstdint>

#include "utf8.hpp"

namespace octo::cli {
namespace {

// Controls (C0, DEL, C1), and the marks that hide or reorder what stands around them: zero-width characters, line and
// paragraph separators, bidirectional overrides, the byte order mark, and tags.
bool steers(std::uint32_t point) noexcept {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return true;
  return point == 0xad || point == 0x61c || (point >= 0x200b && point <= 0x200f) ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
         (point >= 0xe0000 && point <= 0xe007f);
}

void append_escaped(std::string &text, char byte) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  text += {'\\', 'x', kHex[value >> 4], kHex[value & 0xf]};
}

// Escapes what steers a terminal and the characters of `also`.
std::string escaped(std::string_view bytes, std::string_view also) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    const std::string_view piece = bytes.substr(0, character.size == 0 ? 1 : character.size);
    const bool is_shown =
        character.size != 0 && !steers(character.code_point) && also.find(piece) == std::string_view::npos;
    if (is_shown) {
      text += piece;
    } else {
      for (const char byte : piece) append_escaped(text, byte);
    }
    bytes.remove_prefix(piece.size());
  }
  return text;
}

}  // namespace

std::string escape(std::string_view bytes) { return escaped(bytes, "\\\""); }

std::string escape_word(std::string_view bytes) { return bytes.empty() ? "\"\"" : escaped(bytes, "\\\" "); }

std::string escape_sentence(std::string_view text) { return escaped(text, ""); }

bool is_plain_text(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    if (character.size == 0) return false;
    const bool is_layout = bytes[0] == '\t' || bytes[0] == '\n' || bytes[0] == '\r';
    if (steers(character.code_point) && !is_layout) return false;
    bytes.remove_prefix(character.size);
  }
  return true;
}

}  // namespace octo::cli
