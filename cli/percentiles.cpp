// Nearest-rank percentiles for percentiles.hpp.
#include "percentiles.hpp"

#include <algorithm>

namespace octo::cli {

Percentiles percentiles_of(std::vector<std::uint64_t> values) noexcept {
  std::sort(values.begin(), values.end());
  const auto at = [&](std::size_t percent) {
    const std::size_t rank = (values.size() * percent + 99) / 100;
    return values[rank - 1];
  };
  return {at(50), at(90), at(99), values.back()};
}

}  // namespace octo::cli
