// Which allocations nobody can free any more, because nothing points to them: leaks, told from caches that live as long
// as the process.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octo_test {

struct LeakSite {
  const void *caller;
  std::uint64_t count;
  std::uint64_t size;
};

// Tracked allocations (failing_allocator.hpp) that are reached neither from a variable nor from another allocation, by
// who made them. For the only thread of a process; answers how many sites there are, at most count_max.
std::size_t find_leaks(LeakSite *leaks_out, std::size_t count_max) noexcept;

}  // namespace octo_test
