// The picture of a batch: a timeline with one bar per key, split in phases, against the deadline.
//
// Colours are of the Okabe-Ito palette, which people with any colour vision tell apart; nothing is said by colour alone.
// Every rule of the style sheet is below one class, so that a page may hold the picture inline.
#ifndef FMT_HEADER_ONLY
#define FMT_HEADER_ONLY
#endif
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/printable.hpp"
#include "batch/explain.hpp"
#include "batch/view.hpp"

namespace octo {
namespace {

constexpr std::string_view kStyle =
    ".octo{font:12px system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
    ".octo .paper{fill:#fff}.octo text{fill:#1f2328}.octo .muted{fill:#59636e}"
    ".octo .head{font-size:20px;font-weight:600}.octo .bold{font-weight:600}"
    ".octo .mono{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
    ".octo .end{text-anchor:end}.octo .mid{text-anchor:middle}"
    ".octo .grid{stroke:#dfe4e9}.octo .mark{stroke:#1f2328;stroke-width:1.5}.octo .stop{stroke-dasharray:4 3}"
    ".octo .late{fill:#8a4b00}.octo .failed{fill:#b42318}.octo .missing{fill:#59636e}"
    ".octo .p0{fill:#a9b0b8}.octo .p1{fill:#cc79a7}.octo .p2{fill:#e69f00}.octo .p3{fill:#d55e00}"
    ".octo .p4{fill:#56b4e9}.octo .p5{fill:#0072b2}.octo .other{fill:#a9b0b8}"
    ".octo .hit{fill:#7d8ea3;fill-opacity:0}.octo .band{fill-opacity:.08}.octo .row:hover .hit{fill-opacity:.2}"
    "@media (prefers-color-scheme:dark){"
    ".octo .paper{fill:#0f1419}.octo text{fill:#e6edf3}.octo .muted{fill:#9aa6b2}"
    ".octo .grid{stroke:#2b333c}.octo .mark{stroke:#e6edf3}"
    ".octo .late{fill:#f5b95f}.octo .failed{fill:#ff8f85}.octo .missing{fill:#9aa6b2}"
    ".octo .p0{fill:#77808a}.octo .p1{fill:#d98bb7}.octo .p2{fill:#f0b429}.octo .p3{fill:#e8702a}"
    ".octo .p4{fill:#6cc3f5}.octo .p5{fill:#2a86c8}.octo .other{fill:#77808a}}";

constexpr double kWidth = 1040;
constexpr double kMargin = 24;
constexpr double kGap = 10;
constexpr double kMonoWidth = 6.65;   // of one character at 11 px, in the widest of the named fonts
constexpr double kLegendWidth = 6.6;  // likewise at 12 px, on average
constexpr std::size_t kLabelColumnsMax = 34;
constexpr std::size_t kHeadColumnsMax = 150;
constexpr std::uint64_t kTicksMax = 8;
constexpr std::uint64_t kAxisMinUs = 100;
// A deadline farther out than this many times the freeze would squeeze the bars; it is told beside the axis.
constexpr std::uint64_t kDeadlineReach = 3;

// Text for XML 1.0: what is no valid character there reads as U+FFFD.
std::string xml(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence_size(text);
    const std::string_view sequence = text.substr(0, size);
    const bool is_control = size == 1 && static_cast<unsigned char>(text[0]) < 0x20 && text[0] != '\n';
    if (size == 0 || is_control || sequence == "\xef\xbf\xbe" || sequence == "\xef\xbf\xbf") {
      escaped += "\xef\xbf\xbd";
    } else if (text[0] == '&') {
      escaped += "&amp;";
    } else if (text[0] == '<') {
      escaped += "&lt;";
    } else if (text[0] == '>') {
      escaped += "&gt;";
    } else {
      escaped += sequence;
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return escaped;
}

// Characters of East Asian scripts and pictographs take two columns.
std::size_t columns_of(std::string_view sequence) {
  return sequence.size() > 3 || (sequence.size() == 3 && static_cast<unsigned char>(sequence[0]) > 0xe2) ? 2 : 1;
}

// Takes whole characters off the front or the back until `columns_max` are used up.
std::string take(const std::vector<std::string_view> &characters, std::size_t columns_max, bool from_back) {
  std::string taken;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const std::string_view next = characters[from_back ? characters.size() - 1 - i : i];
    columns += columns_of(next);
    if (columns > columns_max) break;
    taken.insert(from_back ? 0 : taken.size(), next);
  }
  return taken;
}

struct Label {
  std::string text;
  std::size_t columns = 0;
};

// Shortened in the middle: keys of a batch differ at their ends more than at their beginnings.
Label key_label(std::string_view key) {
  const std::string shown = printable(key, kLabelColumnsMax * 1024);
  std::vector<std::string_view> characters;
  std::size_t columns = 0;
  for (std::string_view rest = shown; !rest.empty(); rest.remove_prefix(characters.back().size())) {
    characters.push_back(rest.substr(0, std::max<std::size_t>(utf8_sequence_size(rest), 1)));
    columns += columns_of(characters.back());
  }
  if (columns <= kLabelColumnsMax) return {shown, columns};
  constexpr std::size_t kHead = 13;
  return {take(characters, kHead, false) + "…" + take(characters, kLabelColumnsMax - 1 - kHead, true),
          kLabelColumnsMax};
}

std::string status_label(const RequestView &view) {
  if (verdict_of(view.status) == Verdict::ok) return {};
  const StatusRow *row = find_status(static_cast<std::int32_t>(view.status));
  const char *name = row == nullptr ? "UNKNOWN" : row->name;
  if (!view.settled) return fmt::format("{} {}", name, phase_name(view.phase));
  return view.http_status == 0 ? name : fmt::format("{} {}", name, view.http_status);
}

std::string bytes_text(std::uint64_t bytes) {
  const auto amount = static_cast<double>(bytes);
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", amount / 1024);
  return fmt::format("{:.1f} MiB", amount / (1024 * 1024));
}

// What a browser shows when the pointer rests on a row.
std::string tooltip(const RequestView &view) {
  const StatusRow *row = find_status(static_cast<std::int32_t>(view.status));
  std::string text = fmt::format("{}\n{} {} {}", printable(view.key, 400), row == nullptr ? "UNKNOWN" : row->name,
                                 view.settled ? "after" : "at", milliseconds_text(view.settled_us));
  const auto out = std::back_inserter(text);
  if (view.http_status != 0) fmt::format_to(out, ", HTTP {}", view.http_status);
  if (view.bytes_received != 0) fmt::format_to(out, ", {}", bytes_text(view.bytes_received));
  fmt::format_to(out, ", {} {}", view.attempts, view.attempts == 1 ? "attempt" : "attempts");
  if (view.address[0] != '\0') fmt::format_to(out, ", {}{}", view.address, view.reused ? " (reused)" : "");
  if (view.settled && verdict_of(view.status) == Verdict::ok && view.source != Source::origin) {
    fmt::format_to(out, ", from {}", source_name(view.source));
  }
  const char *separator = "\n";
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    if (view.phase_us[i] == 0) continue;
    fmt::format_to(out, "{}{} {}", separator, phase_name(static_cast<Phase>(i)), milliseconds_text(view.phase_us[i]));
    separator = ", ";
  }
  if (view.message[0] != '\0') fmt::format_to(out, "\n{}", view.message);
  return text;
}

std::vector<std::string> wrapped(std::string_view text) {
  std::vector<std::string> lines;
  while (text.size() > kHeadColumnsMax) {
    const std::size_t space = text.rfind(' ', kHeadColumnsMax);
    if (space == std::string_view::npos || space == 0) break;
    lines.emplace_back(text.substr(0, space));
    text.remove_prefix(space + 1);
  }
  lines.emplace_back(text);
  return lines;
}

class Timeline {
 public:
  explicit Timeline(Batch &batch) : batch_(batch), summary_(summarize(batch)), line_(explain_line(batch)) {
    choose_rows();
    lay_out();
  }

  std::string draw() {
    draw_head();
    draw_legend();
    draw_axis();
    double y = plot_top_;
    for (std::size_t i = 0; i < rows_.size(); ++i, y += row_height_) draw_row(rows_[i], y, i % 2 == 1);
    draw_marks();
    draw_foot();
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" class="octo" role="img" width="{0}" height="{1}" viewBox="0 0 {0} {1}">)"
               "\n<title>{2}</title>\n<style>{3}</style>\n",
               kWidth, height_, xml(line_), kStyle) +
           fmt::format(R"(<rect class="paper" width="{}" height="{}"/>)"
                       "\n",
                       kWidth, height_) +
           drawing_ + "</svg>\n";
  }

 private:
  struct Row {
    RequestView view;
    Label label;
    std::string status;
  };
  // One stretch of a bar; without a phase it is time that is known as a whole only.
  static constexpr std::size_t kOther = kPhaseCount;
  struct Stretch {
    std::size_t kind = kOther;
    std::uint64_t from_us = 0;
    std::uint64_t to_us = 0;
  };

  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args &&...args) {
    fmt::format_to(std::back_inserter(drawing_), format, std::forward<Args>(args)...);
  }

  void choose_rows();
  void lay_out();
  std::uint64_t axis_end() const;
  std::string note() const;
  static std::vector<Stretch> stretches_of(const RequestView &view);
  double x_of(std::uint64_t us) const {
    return plot_left_ + (plot_right_ - plot_left_) * static_cast<double>(us) / static_cast<double>(axis_end_us_);
  }

  // A text at `x` would be crossed by the line of the deadline, cancel or close.
  bool is_below_mark(double x) const {
    constexpr double kReach = 28;
    return std::abs(x - x_of(summary_.budget_us)) < kReach ||
           (is_stopped() && std::abs(x - x_of(summary_.frozen_us)) < kReach);
  }
  bool is_stopped() const { return summary_.state == Cause::cancelled || summary_.state == Cause::closed; }

  void draw_head();
  void draw_legend();
  void draw_axis();
  void draw_row(const Row &row, double y, bool is_odd);
  void draw_marks();
  void draw_foot();

  Batch &batch_;
  const BatchSummary summary_;
  const std::string line_;
  std::vector<Row> rows_;
  std::uint64_t shown_not_ok_ = 0;
  std::uint64_t axis_end_us_ = kAxisMinUs;
  bool is_deadline_on_axis_ = false;
  std::vector<std::string> head_lines_;
  std::array<bool, kPhaseCount + 1> is_used_ = {};
  double legend_y_ = 0;
  double plot_left_ = 0;
  double plot_right_ = 0;
  double plot_top_ = 0;
  double plot_bottom_ = 0;
  double row_height_ = 0;
  double height_ = 0;
  std::string drawing_;
};

// Of a large batch what is not ok and, while there is room, the slowest; in the order of the batch.
void Timeline::choose_rows() {
  struct Rank {
    bool is_ok;
    std::uint64_t settled_us;
    std::uint32_t index;
  };
  std::vector<Rank> ranks;
  ranks.reserve(batch_.request_count());
  for (std::uint32_t i = 0; i < batch_.request_count(); ++i) {
    const RequestView view = view_request(batch_, i);
    ranks.push_back({verdict_of(view.status) == Verdict::ok, view.settled_us, i});
  }
  if (ranks.size() > kTimelineRowsMax) {
    std::stable_sort(ranks.begin(), ranks.end(), [](const Rank &left, const Rank &right) {
      return left.is_ok != right.is_ok ? right.is_ok : left.settled_us > right.settled_us;
    });
    ranks.resize(kTimelineRowsMax);
    std::sort(ranks.begin(), ranks.end(), [](const Rank &left, const Rank &right) { return left.index < right.index; });
  }
  for (const Rank &rank : ranks) {
    const RequestView view = view_request(batch_, rank.index);
    rows_.push_back({view, key_label(view.key), status_label(view)});
    if (!rank.is_ok) ++shown_not_ok_;
    for (const Stretch &stretch : stretches_of(view)) is_used_[stretch.kind] = true;
  }
}

std::uint64_t Timeline::axis_end() const {
  std::uint64_t end = std::max(summary_.frozen_us, kAxisMinUs);
  for (const Row &row : rows_) end = std::max(end, row.view.settled_us);
  if (is_deadline_on_axis_) end = std::max(end, summary_.budget_us);
  return end + end / 32;
}

void Timeline::lay_out() {
  is_deadline_on_axis_ = summary_.budget_us <= summary_.frozen_us * kDeadlineReach;
  axis_end_us_ = axis_end();
  std::size_t label_columns = 4;
  std::size_t status_columns = 0;
  for (const Row &row : rows_) {
    label_columns = std::max(label_columns, row.label.columns);
    status_columns = std::max(status_columns, row.status.size());
  }
  plot_left_ = kMargin + std::ceil(static_cast<double>(label_columns) * kMonoWidth) + kGap;
  plot_right_ = kWidth - kMargin;
  if (status_columns != 0) plot_right_ -= std::ceil(static_cast<double>(status_columns) * kMonoWidth) + kGap;
  // "; " parts the counts of the line: each starts a line of its own below the headline.
  std::string_view rest = line_;
  for (std::size_t cut = rest.find("; "); cut != std::string_view::npos; cut = rest.find("; ")) {
    rest.remove_prefix(cut + 2);
    for (std::string &wrap : wrapped(rest.substr(0, rest.find("; ")))) head_lines_.push_back(std::move(wrap));
  }
  legend_y_ = kMargin + 50 + static_cast<double>(head_lines_.size()) * 18 + 18;
  plot_top_ = legend_y_ + 62;
  row_height_ = rows_.size() > 60 ? 17 : 20;
  plot_bottom_ = plot_top_ + static_cast<double>(std::max<std::size_t>(rows_.size(), 1)) * row_height_;
  height_ = plot_bottom_ + 28 + (note().empty() ? 0 : 24) + kMargin / 2;
}

// The last phase stands at the end of the bar; what no phase accounts for, such as earlier attempts or all that was
// before the last phase of an unsettled request, stands before it.
std::vector<Timeline::Stretch> Timeline::stretches_of(const RequestView &view) {
  std::uint64_t accounted = 0;
  for (const std::uint64_t phase_us : view.phase_us) accounted += phase_us;
  const auto last = static_cast<std::size_t>(view.phase);
  std::vector<Stretch> stretches;
  std::uint64_t at = 0;
  const auto add = [&](std::size_t kind, std::uint64_t us) {
    const std::uint64_t to = std::min(at + us, view.settled_us);
    if (to > at || (kind == last && us == 0)) stretches.push_back({kind, at, to});
    at = std::max(at, to);
  };
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    // Less than a thousandth of the bar is rounding, not a stretch.
    const std::uint64_t other = view.settled_us > accounted ? view.settled_us - accounted : 0;
    if (i == last && other > view.settled_us / 1000) add(kOther, other);
    add(i, view.phase_us[i]);
  }
  return stretches;
}

void Timeline::draw_head() {
  double y = kMargin + 16;
  put(R"(<text class="head" x="{}" y="{}">{}</text>)"
      "\n",
      kMargin, y, xml(std::string_view(line_).substr(0, line_.find("; "))));
  y += 22;
  for (const std::string &text : head_lines_) {
    put(R"(<text x="{}" y="{}">{}</text>)"
        "\n",
        kMargin, y, xml(text));
    y += 18;
  }
  std::string facts = fmt::format("{} of bodies", bytes_text(summary_.body_bytes));
  if (batch_.deadline() != kNever) {
    facts = fmt::format("budget {} · ", milliseconds_text(summary_.budget_us)) + facts;
  }
  if (summary_.pickup_lag_us != 0) {
    facts += fmt::format(" · picked up {} after the freeze", milliseconds_text(summary_.pickup_lag_us));
  }
  put(R"(<text class="muted" x="{}" y="{}">{}</text>)"
      "\n",
      kMargin, y, facts);
}

void Timeline::draw_legend() {
  double x = kMargin;
  for (std::size_t i = 0; i <= kPhaseCount; ++i) {
    if (!is_used_[i]) continue;
    const std::string_view name = i == kOther ? "before or between phases" : phase_name(static_cast<Phase>(i));
    if (i == kOther) {
      put(R"(<rect class="other" x="{}" y="{}" width="18" height="3"/>)", x, legend_y_ - 6);
      x += 6;
    } else {
      put(R"(<rect class="p{}" x="{}" y="{}" width="12" height="12" rx="2"/>)", i, x, legend_y_ - 10);
    }
    put(R"(<text x="{}" y="{}">{}</text>)"
        "\n",
        x + 18, legend_y_, name);
    x += 18 + static_cast<double>(name.size()) * kLegendWidth + 18;
  }
}

void Timeline::draw_axis() {
  std::uint64_t step = 10;
  for (std::size_t i = 0; axis_end_us_ / step > kTicksMax; ++i) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  for (std::uint64_t tick = 0; tick <= axis_end_us_; tick += step) {
    const double x = x_of(tick);
    const std::string text = milliseconds_text(tick);
    put(R"(<path class="grid" d="M{:.1f} {}V{}"/>)", x, plot_top_ - 4, plot_bottom_ + 4);
    if (!is_below_mark(x)) {
      put(R"(<text class="mono muted mid" x="{:.1f}" y="{}">{}</text>)", x, plot_top_ - 10, text);
    }
    put(R"(<text class="mono muted mid" x="{:.1f}" y="{}">{}</text>)"
        "\n",
        x, plot_bottom_ + 18, text);
  }
}

void Timeline::draw_row(const Row &row, double y, bool is_odd) {
  const double bar_height = row_height_ > 18 ? 12 : 11;
  const double bar_y = y + (row_height_ - bar_height) / 2;
  const double baseline = y + row_height_ / 2 + 4;
  put(R"(<g class="row"><title>{}</title>)", xml(tooltip(row.view)));
  put(R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>)", is_odd ? "band hit" : "hit", kMargin - 8, y,
      kWidth - 2 * kMargin + 16, row_height_);
  put(R"(<text class="mono end" x="{:.1f}" y="{}">{}</text>)", plot_left_ - kGap, baseline, xml(row.label.text));
  for (const Stretch &stretch : stretches_of(row.view)) {
    const double x = x_of(stretch.from_us);
    const double width = x_of(stretch.to_us) - x;
    if (stretch.kind == kOther) {
      put(R"(<rect class="other" x="{:.2f}" y="{}" width="{:.2f}" height="3"/>)", x, y + row_height_ / 2 - 1.5, width);
      continue;
    }
    // The end of a bar stays visible however short its last phase was.
    const bool is_last = stretch.kind == static_cast<std::size_t>(row.view.phase);
    put(R"(<rect class="p{}" x="{:.2f}" y="{}" width="{:.2f}" height="{}"/>)", stretch.kind, x, bar_y,
        is_last ? std::max(width, 2.0) : width, bar_height);
  }
  if (!row.status.empty()) {
    constexpr const char *kClasses[] = {"ok", "missing", "late", "failed"};
    put(R"(<text class="mono {}" x="{:.1f}" y="{}">{}</text>)",
        kClasses[static_cast<std::size_t>(verdict_of(row.view.status))], plot_right_ + kGap, baseline, row.status);
  }
  drawing_ += "</g>\n";
}

// The deadline, and before it the cancel or close that came first.
void Timeline::draw_marks() {
  const double label_y = plot_top_ - 28;
  const std::string deadline = fmt::format("deadline {}", milliseconds_text(summary_.budget_us));
  const double width = static_cast<double>(deadline.size()) * kLegendWidth;
  if (is_deadline_on_axis_) {
    const double x = x_of(summary_.budget_us);
    put(R"(<path class="mark" d="M{0:.1f} {1}V{2}"/><text class="bold" x="{3:.1f}" y="{1}">{4}</text>)"
        "\n",
        x, label_y, plot_bottom_ + 4, std::min(x + 6, kWidth - kMargin - width), deadline);
  } else if (batch_.deadline() != kNever) {
    put(R"(<text class="muted end" x="{}" y="{}">{} →</text>)"
        "\n",
        kWidth - kMargin, label_y, deadline);
  }
  if (!is_stopped()) return;
  put(R"(<path class="mark stop" d="M{0:.1f} {1}V{2}"/><text class="bold end" x="{3:.1f}" y="{1}">{4} {5}</text>)"
      "\n",
      x_of(summary_.frozen_us), label_y, plot_bottom_ + 4, x_of(summary_.frozen_us) - 6,
      summary_.state == Cause::cancelled ? "cancelled" : "closed", milliseconds_text(summary_.frozen_us));
}

std::string Timeline::note() const {
  if (rows_.empty()) return "The batch has no requests.";
  const std::uint64_t hidden = summary_.request_count - rows_.size();
  if (hidden == 0) return {};
  const std::uint64_t not_ok = summary_.request_count - summary_.ok_count;
  if (shown_not_ok_ == not_ok) {
    return fmt::format("{} more keys are ok and not shown: above are all that are not ok and the slowest.", hidden);
  }
  return fmt::format("{} more keys are not shown, {} of them not ok.", hidden, not_ok - shown_not_ok_);
}

void Timeline::draw_foot() {
  const std::string text = note();
  if (text.empty()) return;
  put(R"(<text class="muted" x="{}" y="{}">{}</text>)"
      "\n",
      kMargin, plot_bottom_ + 28 + 16, text);
}

}  // namespace

std::string explain_svg(Batch &batch) { return Timeline(batch).draw(); }

}  // namespace octo
