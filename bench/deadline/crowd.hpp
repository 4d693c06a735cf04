// Threads that wait side by side, each in turn for a batch of the library and for the bare waits it is compared with.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deadline/fault.hpp"
#include "deadline/wait.hpp"
#include "progress.hpp"

namespace octo_bench {

// A steady stream of batches until each group has `waits` waits.
Findings run_crowd(const octo_test::Client &client, const Fault &fault, std::size_t waits, std::size_t threads,
                   std::uint64_t seed, Progress &progress);

}  // namespace octo_bench
