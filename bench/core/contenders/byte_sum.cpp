// The loop of byte_sum.hpp.
#include "core/contenders/byte_sum.hpp"

#include <algorithm>

namespace octo_bench {
namespace {

// So many bytes fit the narrow sum that vectors are quick with.
constexpr std::size_t kSliceBytes = 4096;

std::uint32_t slice_sum(const unsigned char *bytes, std::size_t count) noexcept {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += bytes[i];
  return sum;
}

}  // namespace

std::uint64_t byte_sum(const void *bytes, std::size_t count) noexcept {
  const auto *values = static_cast<const unsigned char *>(bytes);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < count; at += kSliceBytes) {
    sum += slice_sum(values + at, std::min(kSliceBytes, count - at));
  }
  return sum;
}

}  // namespace octo_bench
