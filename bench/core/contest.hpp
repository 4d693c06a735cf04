// Runs the contenders against each other at one point: in pairs, in turn the one and the other first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/measurement.hpp"
#include "core/nginx.hpp"

namespace octo_bench {

struct Effort {
  std::size_t pairs = 0;
  std::uint64_t gets = 0;  // that count, in each run
  bool has_floor = false;
  std::optional<int> core;  // of the contenders; the scheduler's choice when empty
};

// Throws when a contender fails, or when its bodies are not what nginx serves.
Contest run_contest(const Nginx &nginx, const Point &point, const Effort &effort);

}  // namespace octo_bench
