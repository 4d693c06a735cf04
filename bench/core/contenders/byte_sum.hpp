// The sum of all bytes of a body: what a contender does with it, so that every byte has been looked at.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octo_bench {

// In a file of its own, compiled to use vectors: a byte at a time would cost as much as a transfer and hide its cost.
std::uint64_t byte_sum(const void *bytes, std::size_t count) noexcept;

}  // namespace octo_bench
