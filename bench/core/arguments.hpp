// What the command line of the benchmark asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace octo_bench {

enum class Mode { points, million, heap };

struct Arguments {
  Mode mode = Mode::points;
  std::vector<std::string> schemes;
  std::vector<std::size_t> connections;
  std::size_t pairs = 0;
  std::uint64_t gets = 0;  // that count, in each run
  std::string json_file;
};

// Nothing when the program should end with `exit_code` instead: help was printed, or a mistake was.
std::optional<Arguments> read_arguments(int count, char **words, int &exit_code);

}  // namespace octo_bench
