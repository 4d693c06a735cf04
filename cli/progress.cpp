// Draws and erases the progress line.
#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "colour.hpp"
#include "text_width.hpp"
#include "units.hpp"

namespace octo::cli {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::uint64_t kIntervalUs = 50'000;

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

std::string progress_line(const ProgressState &state, const Terminal &terminal) {
  const std::uint64_t left_us = state.budget_us > state.elapsed_us ? state.budget_us - state.elapsed_us : 0;
  std::string numbers = fmt::format("{}/{}  {}  {} left", format_count(state.settled_count), format_count(state.count),
                                    format_size(state.size), format_duration(left_us));
  const std::size_t width = text_width(numbers) + 4;  // the bar's frame, a blank and the last column
  if (terminal.columns < width + 2) return numbers;
  const std::size_t bar_width = std::min(kBarWidth, terminal.columns - width);
  const std::size_t full = state.count == 0 ? bar_width : bar_width * state.settled_count / state.count;
  const Paint paint(terminal.has_colour);
  const std::string_view done = terminal.has_utf8 ? "█" : "#";
  const std::string_view open = terminal.has_utf8 ? "░" : "-";
  return fmt::format("[{}{}] {}", paint(Colour::green, repeated(done, full)),
                     paint(Colour::grey, repeated(open, bar_width - full)), numbers);
}

void Progress::show(const ProgressState &state) {
  if (!is_wanted_) return;
  if (is_shown_ && state.elapsed_us < shown_at_us_ + kIntervalUs) return;
  is_shown_ = true;
  shown_at_us_ = state.elapsed_us;
  const std::string text = "\r" + progress_line(state, terminal_) + "\x1b[K";
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

void Progress::erase() {
  if (is_shown_) static_cast<void>(std::fputs("\r\x1b[K", stderr));
  is_shown_ = false;
}

}  // namespace octo::cli
