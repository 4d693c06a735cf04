// Column counts of characters. The C library's wcwidth depends on the process's locale, which the command leaves alone.
#include "text_width.hpp"

#include <cstdint>

#include "utf8.hpp"

namespace octo::cli {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// The large blocks of combining marks, and of characters two columns wide (Unicode Standard Annex 11).
constexpr Range kCombining[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                                {0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff},
                                {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
                           {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                           {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

template <std::size_t kCount>
bool is_in(std::uint32_t point, const Range (&ranges)[kCount]) noexcept {
  for (const Range &range : ranges) {
    if (point >= range.first && point <= range.last) return true;
  }
  return false;
}

std::size_t character_width(std::uint32_t point) noexcept {
  if (is_in(point, kCombining)) return 0;
  return is_in(point, kWide) ? 2 : 1;
}

Character take_character(std::string_view &text) noexcept {
  Character character = first_character(text);
  if (character.size == 0) character.size = 1;
  text.remove_prefix(character.size);
  return character;
}

// The longest beginning of `text` that takes at most `width` columns.
std::string_view first_columns(std::string_view text, std::size_t width) noexcept {
  std::string_view rest = text;
  for (std::size_t taken = 0; !rest.empty();) {
    const std::string_view before = rest;
    taken += character_width(take_character(rest).code_point);
    if (taken > width) return text.substr(0, text.size() - before.size());
  }
  return text;
}

// The longest end of `text`, which takes `full_width` columns, that takes at most `width` of them.
std::string_view last_columns(std::string_view text, std::size_t full_width, std::size_t width) noexcept {
  while (full_width > width) full_width -= character_width(take_character(text).code_point);
  return text;
}

}  // namespace

std::size_t text_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) width += character_width(take_character(text).code_point);
  return width;
}

std::string fitted(std::string_view text, std::size_t width) {
  const std::size_t full_width = text_width(text);
  if (full_width <= width) return std::string(text).append(width - full_width, ' ');
  if (width == 0) return "";
  const std::size_t head_width = (width - 1) / 3;
  const std::size_t tail_width = width - 1 - head_width;
  std::string kept(first_columns(text, head_width));
  kept += '~';
  kept += last_columns(text, full_width, tail_width);
  return kept.append(width - text_width(kept), ' ');
}

}  // namespace octo::cli
