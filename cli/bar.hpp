// The time of one key as a row of cells, each showing the phase that took most of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "octofetch.h"

namespace octo::cli {

// What a cell shows: a phase (OCTO_PHASE_...), or one of these.
constexpr int kCellEarlier = OCTO_PHASE_RECEIVING + 1;  // time before the last phase of a key that did not settle
constexpr int kCellEmpty = OCTO_PHASE_RECEIVING + 2;    // after the end
constexpr std::size_t kCellKinds = kCellEmpty;          // all but the empty one

struct Span {
  int kind;
  std::uint64_t size_us;
};

// Where the time of a result went, in order; together they reach from submit to its end.
std::vector<Span> spans_of(const octo_result &result);

// `width` cells that together stand for `scale_us`. A bar is never without a cell, however short.
std::vector<int> cells_of(const std::vector<Span> &spans, std::uint64_t scale_us, std::size_t width);

}  // namespace octo::cli
