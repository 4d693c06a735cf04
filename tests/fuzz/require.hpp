// What a fuzz target demands of the library; a broken demand ends the process, so that the fuzzer keeps the input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace octo::fuzz {

// `about` is what breaks it, shown with its control bytes escaped.
inline void require(bool holds, const char *demand, std::string_view about = {}) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: not true: %s: ", demand);
  for (const char byte : about) {
    const bool is_plain = byte >= 0x20 && byte < 0x7f;
    std::fprintf(stderr, is_plain ? "%c" : "\\x%02x", is_plain ? byte : static_cast<unsigned char>(byte));
  }
  std::fputc('\n', stderr);
  std::abort();
}

// Of UTF-8 by the table of RFC 3629 section 4, and not by the library's own code, which is what is tested.
inline std::size_t sequence_size(std::string_view bytes) noexcept {
  struct Row {
    unsigned char lead_first, lead_last, second_first, second_last;
    std::size_t size;
  };
  constexpr Row kRows[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                           {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                           {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  if (at(0) < 0x80) return 1;
  for (const Row &row : kRows) {
    if (at(0) < row.lead_first || at(0) > row.lead_last || bytes.size() < row.size) continue;
    bool is_valid = at(1) >= row.second_first && at(1) <= row.second_last;
    for (std::size_t i = 2; i < row.size; ++i) is_valid = is_valid && at(i) >= 0x80 && at(i) <= 0xbf;
    return is_valid ? row.size : 0;
  }
  return 0;
}

// C0, DEL and C1.
inline bool is_control(std::string_view sequence) noexcept {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(sequence[index]); };
  return at(0) < 0x20 || at(0) == 0x7f || (at(0) == 0xc2 && at(1) < 0xa0);
}

// Text for people: UTF-8 without control bytes, so that it breaks no line of a log and no terminal.
inline bool is_clean(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = sequence_size(text);
    if (size == 0 || is_control(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  return true;
}

inline void require_sentence(std::string_view text, std::size_t bytes_max) {
  require(!text.empty(), "a refusal says why");
  require(text.size() <= bytes_max, "an error text is bounded", text);
  require(is_clean(text), "an error text is UTF-8 without control bytes", text);
}

}  // namespace octo::fuzz
