// One number for everything that a caller can learn of a batch after its freeze: results, bodies, headers, the batch as
// a whole, its explanation.
#pragma once

#include <octofetch.h>

#include <cstdint>

namespace octo_test {

std::uint64_t digest_of(octo_batch *batch);

}  // namespace octo_test
