// Sets the time of day, for this program alone: the executable's own clock_gettime stands in front of libc's.
#pragma once

#include <chrono>

namespace octo_test {

// From now on CLOCK_REALTIME is so far from what it is; the other clocks go on.
void set_clock(std::chrono::seconds offset) noexcept;

}  // namespace octo_test
