// How much heap a request in flight holds, from the allocator's figures at two numbers of them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace octo_bench {

struct HeapSlope {
  std::string scheme;
  std::uint64_t few = 0;
  std::uint64_t many = 0;
  std::uint64_t bytes_few = 0;
  std::uint64_t bytes_many = 0;

  double bytes_per_request() const noexcept {
    return (static_cast<double>(bytes_many) - static_cast<double>(bytes_few)) / static_cast<double>(many - few);
  }
};

HeapSlope measure_heap_slope(const std::string &scheme);
// True when the scheme has no limit or keeps it.
bool print_heap(const HeapSlope &slope);
nlohmann::json json_of(const HeapSlope &slope);

}  // namespace octo_bench
