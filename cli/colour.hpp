// Colours a piece of text, or leaves it alone where colour is not wanted.
#pragma once

#include <string>
#include <string_view>

namespace octo::cli {

// The numbers of the terminal's own palette, so that a user's theme holds.
enum class Colour { grey = 90, red = 31, green = 32, yellow = 33, blue = 34, magenta = 35, cyan = 36, bold = 1 };

class Paint {
 public:
  explicit Paint(bool has_colour) noexcept : has_colour_(has_colour) {}

  std::string operator()(Colour colour, std::string_view text) const {
    if (!has_colour_ || text.empty()) return std::string(text);
    return "\x1b[" + std::to_string(static_cast<int>(colour)) + "m" + std::string(text) + "\x1b[0m";
  }

 private:
  bool has_colour_;
};

}  // namespace octo::cli
