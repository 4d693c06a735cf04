// The one-line explanation: counts, and the reasons behind them in the order of how often they occur.
#ifndef FMT_HEADER_ONLY
#define FMT_HEADER_ONLY
#endif
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/printable.hpp"
#include "batch/explain.hpp"
#include "batch/view.hpp"

namespace octo {
namespace {

constexpr std::size_t kReasonsMax = 4;  // of late and of failed requests each
constexpr std::size_t kAddressBytesMax = 64;

// What unsettled requests of one group share is the phase and the address; settled ones share the status.
struct Reason {
  Status status = Status::internal;
  bool settled = false;
  Phase phase = Phase::queued;
  std::string_view address;

  bool operator<(const Reason &other) const {
    return std::tie(status, settled, phase, address) <
           std::tie(other.status, other.settled, other.phase, other.address);
  }
};

using Reasons = std::map<Reason, std::uint64_t>;

Reason reason_of(const RequestView &view) {
  Reason reason;
  reason.status = view.status;
  reason.settled = view.settled;
  if (view.settled) return reason;
  reason.phase = view.phase;
  reason.address = view.address;
  return reason;
}

std::string reason_text(const Reason &reason, std::uint64_t count) {
  std::string text;
  if (reason.settled || reason.status != Status::deadline) {
    const StatusRow *row = find_status(static_cast<std::int32_t>(reason.status));
    text = row == nullptr ? "UNKNOWN" : row->name;
  }
  if (!reason.settled)
    fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : " ", phase_name(reason.phase));
  fmt::format_to(std::back_inserter(text), " {}", count);
  if (!reason.address.empty()) {
    fmt::format_to(std::back_inserter(text), " ({})", printable(reason.address, kAddressBytesMax));
  }
  return text;
}

// "; late 3: waiting 2 (127.0.0.1:80), queued 1"; what is not named adds up in "and N more".
void append_reasons(std::string_view word, const Reasons &reasons, std::string &line) {
  if (reasons.empty()) return;
  std::vector<std::pair<Reason, std::uint64_t>> by_count(reasons.begin(), reasons.end());
  std::stable_sort(by_count.begin(), by_count.end(),
                   [](const auto &left, const auto &right) { return left.second > right.second; });
  std::uint64_t total = 0;
  for (const auto &entry : by_count) total += entry.second;
  fmt::format_to(std::back_inserter(line), "; {} {}: ", word, total);
  std::uint64_t unnamed = total;
  for (std::size_t i = 0; i < by_count.size() && i < kReasonsMax; ++i) {
    const auto &[reason, count] = by_count[i];
    line += (i == 0 ? "" : ", ") + reason_text(reason, count);
    unnamed -= count;
  }
  if (unnamed != 0) fmt::format_to(std::back_inserter(line), ", and {} more", unnamed);
}

}  // namespace

std::string milliseconds_text(std::uint64_t microseconds) {
  const double ms = static_cast<double>(microseconds) / 1000;
  std::string text = fmt::format("{:.{}f}", ms, microseconds >= 99'950 ? 0 : (microseconds >= 9'995 ? 1 : 2));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text + " ms";
}

std::string explain_line(Batch &batch) {
  const BatchSummary summary = summarize(batch);
  std::string line =
      fmt::format("{} of {} in {}", summary.ok_count, summary.request_count, milliseconds_text(summary.frozen_us));
  Reasons late;
  Reasons failed;
  for (std::uint32_t i = 0; i < batch.request_count(); ++i) {
    const RequestView view = view_request(batch, i);
    const Verdict verdict = verdict_of(view.status);
    if (verdict == Verdict::late) ++late[reason_of(view)];
    if (verdict == Verdict::failed) ++failed[reason_of(view)];
  }
  append_reasons("late", late, line);
  append_reasons("failed", failed, line);
  if (summary.missing_count != 0) fmt::format_to(std::back_inserter(line), "; missing {}", summary.missing_count);
  return line;
}

}  // namespace octo
