// What of a response a host gets to see, and what each piece of it must be, whatever the origin sent.
#pragma once

#include <string>
#include <string_view>

#include "require.hpp"
#include "transport/kept_headers.hpp"

namespace octo::fuzz {

// A text that the library escapes and cuts behind `bytes_max` bytes.
inline void require_escaped(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view kCut = "...";
  require(text.size() <= bytes_max + kCut.size(), "what an origin says is bounded", text);
  require(is_clean(text), "what an origin says is handed out without control bytes", text);
}

// "name NUL value NUL" again and again. Values may have any bytes above ASCII, as origins do send Latin-1.
inline void require_kept_headers(const std::string &packed) {
  require(packed.size() <= kKeptHeaderBytesMax, "kept headers are bounded");
  std::size_t texts = 0;
  for (std::size_t at = 0; at < packed.size(); ++texts) {
    const std::string_view text(packed.c_str() + at);
    const bool is_name = texts % 2 == 0;
    require(!is_name || is_kept_header(text), "kept headers are names, each with its value", text);
    for (const char byte : text) {
      const bool is_control = (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
      require(!is_control && !(is_name && byte == ' '), "a kept header has no control byte", text);
    }
    at += text.size() + 1;
  }
  require(texts % 2 == 0, "each kept header has a value");
}

}  // namespace octo::fuzz
