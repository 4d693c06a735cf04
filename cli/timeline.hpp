// Draws where the time of every key went: one bar a key, one glyph and colour a phase.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "octofetch.h"
#include "outcome.hpp"
#include "terminal.hpp"

namespace octo::cli {

std::string draw_timeline(std::span<const Outcome> outcomes, const octo_batch_info &info, const Terminal &terminal,
                          std::size_t rows_max);

}  // namespace octo::cli
