// The percentiles of the summary, by nearest rank: a value that was measured, never one between two.
#pragma once

#include <cstdint>
#include <vector>

namespace octo::cli {

struct Percentiles {
  std::uint64_t p50;
  std::uint64_t p90;
  std::uint64_t p99;
  std::uint64_t max;
};

// Of at least one value, in any order.
Percentiles percentiles_of(std::vector<std::uint64_t> values) noexcept;

}  // namespace octo::cli
