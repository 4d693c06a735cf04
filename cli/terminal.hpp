// What a stream can show: whether it is a terminal, how wide, with which characters and whether in colour.
#pragma once

#include <cstddef>

#include "environment.hpp"

namespace octo::cli {

enum class ColourMode { automatic, always, never };

struct Terminal {
  bool is_terminal = false;
  bool is_dumb = false;  // cannot go back on a line
  bool has_colour = false;
  bool has_utf8 = false;
  std::size_t columns = 80;
};

// `descriptor` is 1 or 2: each stream is looked at by itself.
Terminal terminal_of(int descriptor, const Environment &environment, ColourMode mode);

// --color first, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then whether it is a terminal.
bool wants_colour(ColourMode mode, bool is_terminal, const Environment &environment);

bool has_utf8_locale(const Environment &environment);

}  // namespace octo::cli
