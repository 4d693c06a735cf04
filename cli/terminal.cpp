// Asks the system and the environment about a stream.
#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

namespace octo::cli {
namespace {

constexpr std::size_t kColumnsMin = 40;
constexpr std::size_t kColumnsMax = 200;
constexpr std::size_t kColumnsDefault = 100;

std::size_t columns_of(int descriptor, const Environment &environment) {
  winsize size{};
  std::size_t columns = 0;
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  if (columns == 0) {
    const std::string_view text = environment.get("COLUMNS");
    std::from_chars(text.data(), text.data() + text.size(), columns);
  }
  if (columns == 0) columns = kColumnsDefault;
  return std::clamp(columns, kColumnsMin, kColumnsMax);
}

bool is_forced(const Environment &environment) {
  const auto is_on = [&](const char *name) {
    const std::string_view value = environment.get(name);
    return !value.empty() && value != "0";
  };
  return is_on("CLICOLOR_FORCE") || is_on("FORCE_COLOR");
}

}  // namespace

Terminal terminal_of(int descriptor, const Environment &environment, ColourMode mode) {
  Terminal terminal;
  terminal.is_terminal = isatty(descriptor) == 1;
  terminal.is_dumb = environment.get("TERM").empty() || environment.get("TERM") == "dumb";
  terminal.has_colour = wants_colour(mode, terminal.is_terminal, environment);
  terminal.has_utf8 = has_utf8_locale(environment);
  terminal.columns = columns_of(descriptor, environment);
  return terminal;
}

bool wants_colour(ColourMode mode, bool is_terminal, const Environment &environment) {
  if (mode != ColourMode::automatic) return mode == ColourMode::always;
  if (!environment.get("NO_COLOR").empty()) return false;
  if (is_forced(environment)) return true;
  return is_terminal && environment.get("TERM") != "dumb" && environment.get("CLICOLOR") != "0";
}

bool has_utf8_locale(const Environment &environment) {
  for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value(environment.get(name));
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::tolower(c); });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace octo::cli
