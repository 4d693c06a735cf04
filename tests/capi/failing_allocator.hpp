// Counts every allocation of the process by who makes it, lets one of them fail, and knows what was not freed: the
// executable's own malloc, strdup and operator new stand in front of libc's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octo_test {

// Whose code called malloc or operator new.
enum class Owner : std::uint8_t { program, library, curl, uv, openssl, system, unknown };
inline constexpr std::size_t kOwners = 7;
const char *owner_name(Owner owner) noexcept;
// Since the first track_allocations.
Owner owner_of(const void *caller) noexcept;

// Begins to count and track. The allocation with this number, from 1, fails; 0 for none. Allocations of the program
// itself are neither counted nor tracked, nor those that `excepted` picks.
using Exception = bool (*)(Owner owner, bool is_realloc) noexcept;
void track_allocations(std::uint64_t fail_at, Exception excepted) noexcept;
void stop_tracking() noexcept;

std::uint64_t allocations_made() noexcept;
std::uint64_t allocations_made_by(Owner owner) noexcept;

// The allocation that failed; caller is null when none did.
struct FailedAllocation {
  const void *caller = nullptr;
  Owner owner = Owner::unknown;
  bool is_realloc = false;
  std::size_t size = 0;
};
FailedAllocation failed_allocation() noexcept;

// A live allocation. Those of the program itself and from before track_allocations are not tracked.
struct Block {
  std::uintptr_t begin;
  std::uintptr_t end;
  const void *caller;
  bool is_tracked;
};
// Fills up to count_max; answers how many there are. While no other thread allocates.
std::size_t live_blocks(Block *blocks_out, std::size_t count_max) noexcept;

// "libcurl.so.4 Curl_open+0x12", in a buffer of the caller's.
void describe_caller(const void *caller, char *text, std::size_t size) noexcept;

}  // namespace octo_test
