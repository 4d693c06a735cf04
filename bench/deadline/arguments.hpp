// What the command line of the benchmark asks for.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "deadline/fault.hpp"

namespace octo_bench {

struct Arguments {
  std::size_t waits = 20'000;  // of each group in a run
  std::size_t runs = 5;
  std::size_t threads = 36;
  std::vector<const Fault *> faults;
};

// Nothing when the program should end with `exit_code` instead: help was printed, or a mistake was.
std::optional<Arguments> read_arguments(int count, char **words, int &exit_code);

}  // namespace octo_bench
