// Says which thread frees a block: the executable's own free stands in front of libc's.
#pragma once

#include <sys/types.h>

namespace octo_test {

// From now on this block is watched, in place of any other.
void watch_free(const void *block) noexcept;
// The thread that freed it; 0 for none yet.
pid_t freed_by() noexcept;

}  // namespace octo_test
