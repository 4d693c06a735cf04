// Many batches at once on a client that has no connection yet, again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "deadline/fault.hpp"
#include "deadline/wait.hpp"
#include "progress.hpp"
#include "support/origin_process.hpp"

namespace octo_bench {

inline constexpr std::size_t kSpikeBatches = 50;

// Spikes, each on a client of its own, until `waits` batches have run to their deadline. In each spike as many threads
// wait for either control, with the same budgets; who does what is drawn anew each time.
Findings run_spikes(const octo_test::OriginProcess &origin, const Fault &fault, std::size_t waits, std::uint64_t seed,
                    Progress &progress);

}  // namespace octo_bench
