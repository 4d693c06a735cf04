// The loop of byte_sum.hpp.
#include "core/contenders/byte_sum.hpp"

namespace octo_bench {

std::uint64_t byte_sum(const void *bytes, std::size_t count) noexcept {
  const auto *values = static_cast<const unsigned char *>(bytes);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += values[i];
  return sum;
}

}  // namespace octo_bench
