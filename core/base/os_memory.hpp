// How much memory this process may use.
#pragma once

#include <cstdint>

namespace octo {

// The limit of the process's control group in bytes; UINT64_MAX where there is none.
std::uint64_t memory_limit_bytes() noexcept;

}  // namespace octo
