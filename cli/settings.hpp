// The client's options from the environment and, above it, from --set.
#pragma once

#include <vector>

#include "environment.hpp"
#include "handles.hpp"
#include "values.hpp"

namespace octo::cli {

struct Settings {
  Options options;
  bool has_budget;  // the option `budget` is set, so --budget may be left out
};

// A batch of the full size fits into the queue unless queue.max is set lower.
// Throws Failure: kExitConfiguration for an option that the library refuses, kExitUsage for a secret in --set.
Settings read_settings(const std::vector<Setting> &from_arguments, const Environment &environment);

}  // namespace octo::cli
