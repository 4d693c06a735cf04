// Sorting for measurement.hpp.
#include "core/measurement.hpp"

#include <algorithm>

namespace octo_bench {

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

}  // namespace octo_bench
