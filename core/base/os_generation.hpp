// Which process this is: a number that differs in every child of fork, read without a system call.
#pragma once

#include <cstdint>

namespace octo {

// Never 0. Equal for all threads of a process; another number in a forked child, also when the host forks in C.
std::uint64_t process_generation() noexcept;

}  // namespace octo
