// How many descriptors this program and those it starts may have.
#pragma once

#include <cstddef>

namespace octo_bench {

// As many as it may without asking anybody.
void raise_descriptor_limit();
// Throws, saying what to do, when fewer than `count` are allowed.
void require_descriptors(std::size_t count);

}  // namespace octo_bench
