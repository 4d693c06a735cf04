// Lays out the timeline: label, bar, mark of the deadline, how it ended; below them the axis and what the glyphs mean.
#include "timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "bar.hpp"
#include "colour.hpp"
#include "escape.hpp"
#include "text_width.hpp"
#include "timeline_rows.hpp"
#include "units.hpp"

namespace octo::cli {
namespace {

struct Glyph {
  std::string_view name;
  std::string_view ascii;
  std::string_view utf8;
  Colour colour;
};

constexpr std::array<Glyph, kCellKinds> kGlyphs = {{
    {"queued", ".", "·", Colour::grey},
    {"resolving", "r", "╌", Colour::magenta},
    {"connecting", "c", "─", Colour::yellow},
    {"securing", "s", "═", Colour::blue},
    {"waiting", "w", "░", Colour::cyan},
    {"receiving", "#", "█", Colour::green},
    {"earlier", "~", "~", Colour::grey},
}};

constexpr std::size_t kBarMin = 10;

// The deadline is drawn only where the batch came near it: on a scale of ten seconds, 50 ms would be a dot.
bool shows_deadline(const octo_batch_info &info) noexcept {
  return info.frozen_us >= info.budget_us / 4 && info.budget_us > 0;
}

Colour colour_of(const Outcome &outcome) noexcept {
  if (outcome.is_ok()) return Colour::green;
  return outcome.is_late() ? Colour::yellow : Colour::red;
}

std::string note_of(const Outcome &outcome) {
  const octo_result &result = outcome.result;
  const char *status = octo_status_name(result.status);
  if (!outcome.is_settled()) return fmt::format("{} {}", status, octo_phase_name(result.phase));
  return fmt::format("{} {}", status, format_duration(result.settled_us));
}

class Drawing {
 public:
  Drawing(const octo_batch_info &info, const Terminal &terminal)
      : info_(info), paint_(terminal.has_colour), has_utf8_(terminal.has_utf8), columns_(terminal.columns) {
    scale_us_ = std::max<std::uint64_t>(shows_deadline(info) ? info.budget_us : info.frozen_us, 1);
  }

  std::string draw(std::span<const Outcome> outcomes, const TimelineRows &rows) {
    measure(outcomes, rows);
    std::string text;
    for (const std::size_t index : rows.shown) text += row(outcomes[index]);
    text += axis();
    text += legend();
    if (rows.hidden_count > 0) text += hidden(outcomes.size(), rows);
    return text;
  }

 private:
  void measure(std::span<const Outcome> outcomes, const TimelineRows &rows) {
    std::size_t note_width = 0;
    for (const std::size_t index : rows.shown) {
      label_width_ = std::max(label_width_, text_width(escape_word(outcomes[index].key())));
      note_width = std::max(note_width, text_width(note_of(outcomes[index])));
    }
    label_width_ = std::min(label_width_, columns_ / 3);
    const std::size_t taken = label_width_ + note_width + 4;  // blanks, and the mark of the deadline
    bar_width_ = columns_ > taken + kBarMin ? columns_ - taken : kBarMin;
  }

  std::string row(const Outcome &outcome) {
    const std::string label = fitted(escape_word(outcome.key()), label_width_);
    return fmt::format("{}  {}{} {}\n", label, bar(outcome), mark(), paint_(colour_of(outcome), note_of(outcome)));
  }

  std::string bar(const Outcome &outcome) {
    const std::vector<int> cells = cells_of(spans_of(outcome.result), scale_us_, bar_width_);
    std::string text;
    for (std::size_t first = 0; first < cells.size();) {
      std::size_t end = first;
      while (end < cells.size() && cells[end] == cells[first]) ++end;
      text += run(cells[first], end - first);
      first = end;
    }
    return text;
  }

  std::string run(int kind, std::size_t count) {
    if (kind == kCellEmpty) return std::string(count, ' ');
    is_used_[static_cast<std::size_t>(kind)] = true;
    const Glyph &glyph = kGlyphs[static_cast<std::size_t>(kind)];
    std::string cells;
    for (std::size_t i = 0; i < count; ++i) cells += has_utf8_ ? glyph.utf8 : glyph.ascii;
    return paint_(glyph.colour, cells);
  }

  std::string mark() const {
    if (!shows_deadline(info_)) return " ";
    return paint_(Colour::red, has_utf8_ ? "│" : "|");
  }

  std::string axis() const {
    const std::string right = format_duration(scale_us_);
    return fmt::format("{}  0{:>{}}\n", std::string(label_width_, ' '), right, bar_width_);
  }

  std::string legend() const {
    std::string text(label_width_ + 2, ' ');
    for (std::size_t kind = 0; kind < kGlyphs.size(); ++kind) {
      const Glyph &glyph = kGlyphs[kind];
      if (!is_used_[kind]) continue;
      text += fmt::format("{} {}  ", paint_(glyph.colour, has_utf8_ ? glyph.utf8 : glyph.ascii), glyph.name);
    }
    if (shows_deadline(info_)) return text + mark() + " deadline\n";
    return text + fmt::format("the deadline was at {}\n", format_duration(info_.budget_us));
  }

  std::string hidden(std::size_t count, const TimelineRows &rows) const {
    std::string text = fmt::format("{} of {} keys are not shown", format_count(rows.hidden_count), format_count(count));
    if (rows.hidden_failed_count > 0) {
      text += fmt::format(", {} of them failed", format_count(rows.hidden_failed_count));
    } else {
      text += ": all of them came sooner";
    }
    return text + " (--timeline-rows all shows every key)\n";
  }

  const octo_batch_info &info_;
  Paint paint_;
  bool has_utf8_;
  std::size_t columns_;
  std::uint64_t scale_us_ = 1;
  std::size_t label_width_ = 0;
  std::size_t bar_width_ = 0;
  std::array<bool, kCellKinds> is_used_{};
};

}  // namespace

std::string draw_timeline(std::span<const Outcome> outcomes, const octo_batch_info &info, const Terminal &terminal,
                          std::size_t rows_max) {
  if (outcomes.empty()) return "";
  return Drawing(info, terminal).draw(outcomes, choose_timeline_rows(outcomes, rows_max));
}

}  // namespace octo::cli
