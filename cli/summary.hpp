// What happened to a batch, in a few lines for people.
#pragma once

#include <span>
#include <string>

#include "colour.hpp"
#include "octofetch.h"
#include "outcome.hpp"

namespace octo::cli {

// Counts, sizes, percentiles, and why the others did not come; with `is_verbose` every one of those by name.
std::string summarise(std::span<const Outcome> outcomes, const octo_batch_info &info, const Paint &paint,
                      bool is_verbose);

// A line for each body that could not be written.
std::string output_errors(std::span<const Outcome> outcomes);

}  // namespace octo::cli
