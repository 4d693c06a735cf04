// What a run found, as a table, and the verdict on all runs of a fault.
#pragma once

#include <cstddef>
#include <vector>

#include "deadline/fault.hpp"
#include "deadline/wait.hpp"
#include "machine.hpp"

namespace octo_bench {

struct Run {
  Findings findings;
  Usage usage;
};

// By how many milliseconds the library's p99.9 exceeds the larger control's and the controls' own difference.
double excess_ms(const Findings &findings);

void print_heading(const Fault &fault, std::size_t runs, std::size_t waits, std::size_t threads);
void print_run(const Fault &fault, std::size_t number, const Run &run);
// Whether the fault passed: its median excess is at most 1 ms, and the fault was what the requests met.
bool print_verdict(const Fault &fault, const std::vector<Run> &runs);

}  // namespace octo_bench
