// Splits and scales the bars of bar.hpp.
#include "bar.hpp"

#include <algorithm>
#include <array>

namespace octo::cli {
namespace {

std::uint64_t overlap(std::uint64_t first_a, std::uint64_t end_a, std::uint64_t first_b, std::uint64_t end_b) noexcept {
  const std::uint64_t first = std::max(first_a, first_b);
  const std::uint64_t end = std::min(end_a, end_b);
  return end > first ? end - first : 0;
}

using Shares = std::array<std::uint64_t, kCellKinds + 1>;

// How much of a stretch of time each kind takes.
Shares shares_of(const std::vector<Span> &spans, std::uint64_t first, std::uint64_t end) noexcept {
  Shares shares{};
  std::uint64_t at = 0;
  for (const Span &span : spans) {
    shares[static_cast<std::size_t>(span.kind)] += overlap(at, at + span.size_us, first, end);
    at += span.size_us;
  }
  shares[kCellEmpty] = end > std::max(at, first) ? end - std::max(at, first) : 0;
  return shares;
}

}  // namespace

std::vector<Span> spans_of(const octo_result &result) {
  if ((result.flags & OCTO_RESULT_SETTLED) == 0) {
    const std::uint64_t since_us = std::min(result.since_us, result.settled_us);
    return {{kCellEarlier, since_us}, {result.phase, result.settled_us - since_us}};
  }
  std::vector<Span> spans = {
      {OCTO_PHASE_QUEUED, result.queued_us},         {OCTO_PHASE_RESOLVING, result.resolving_us},
      {OCTO_PHASE_CONNECTING, result.connecting_us}, {OCTO_PHASE_SECURING, result.securing_us},
      {OCTO_PHASE_WAITING, result.waiting_us},       {OCTO_PHASE_RECEIVING, result.receiving_us}};
  std::uint64_t known_us = 0;
  for (const Span &span : spans) known_us += span.size_us;
  if (known_us == 0) return {{result.phase, result.settled_us}};  // it was never started
  if (known_us < result.settled_us) spans.insert(spans.begin(), {kCellEarlier, result.settled_us - known_us});
  return spans;
}

std::vector<int> cells_of(const std::vector<Span> &spans, std::uint64_t scale_us, std::size_t width) {
  std::vector<int> cells(width, kCellEmpty);
  std::uint64_t total_us = 0;
  for (const Span &span : spans) total_us += span.size_us;
  // In units of 1/width of a microsecond the edges of the cells are whole numbers.
  std::vector<Span> scaled = spans;
  for (Span &span : scaled) span.size_us *= width;
  for (std::size_t i = 0; i < width; ++i) {
    Shares shares = shares_of(scaled, i * scale_us, (i + 1) * scale_us);
    if (i == 0 && total_us > 0) shares[kCellEmpty] = 0;
    const auto *largest = std::max_element(shares.begin(), shares.end());
    if (*largest > 0) cells[i] = static_cast<int>(largest - shares.begin());
  }
  return cells;
}

}  // namespace octo::cli
