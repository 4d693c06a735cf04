// What every contender is asked to fetch: its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace octo_bench {

struct Task {
  std::string url;      // without a slash at its end; the objects are below it
  std::string ca_file;  // to trust; empty for http
  std::size_t connections = 0;
  std::size_t objects = 0;      // "o0" to "o<objects-1>"
  std::uint64_t warm_gets = 0;  // before the counted ones
  std::uint64_t gets = 0;
};

// Nothing when the program should end with `exit_code` instead.
std::optional<Task> read_task(int count, char **words, int &exit_code);

// The name of the object that is fetched as number `turn`.
std::string object_name(std::size_t turn);

}  // namespace octo_bench
