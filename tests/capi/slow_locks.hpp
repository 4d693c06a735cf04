// Makes a lock of OpenSSL last, so that a fork meets it taken: the executable's own pthread_rwlock_unlock stands in front
// of libc's.
#pragma once

#include <cstdint>

namespace octo_test {

// From now on a thread of the library waits so long before it opens a lock again; 0 for not at all.
void hold_locks(unsigned us) noexcept;
// How many are taken by threads of the library at this moment, as a child sees what its parent left.
std::uint32_t locks_held() noexcept;

}  // namespace octo_test
