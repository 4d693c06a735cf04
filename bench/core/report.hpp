// What the benchmark found: tables, verdicts against the limits, and a file of all figures for pictures.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/measurement.hpp"

namespace octo_bench {

// What the origin is, as text.
std::string origin_conditions();

void print_heading();
// A row of the table; true when the point has no limit or keeps it.
bool print_contest(const Contest &contest);
// The rate alone, for the million.
bool print_million(const Contest &contest);

nlohmann::json json_of(const Contest &contest);
void write_json(const std::string &file, const std::string &conditions, nlohmann::json figures);

}  // namespace octo_bench
