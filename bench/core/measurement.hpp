// The figures of one run of a contender, and what is said of several runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace octo_bench {

struct Point {
  std::string scheme;
  std::size_t connections = 0;
};

struct Measurement {
  std::uint64_t gets = 0;
  double wall_s = 0;
  double user_s = 0;
  double system_s = 0;
  double in_flight = 0;                // on the wire, on average
  std::uint64_t connections = 0;       // opened in its life
  std::uint64_t connections_late = 0;  // of them after the warm-up: 0 when the pool kept them all

  double cpu_us_per_get() const noexcept { return (user_s + system_s) * 1e6 / static_cast<double>(gets); }
  double gets_per_s() const noexcept { return static_cast<double>(gets) / wall_s; }
};

// Two runs next to each other, so that both saw the same machine.
struct Pair {
  Measurement octofetch;
  Measurement bare;

  double cpu_ratio() const noexcept { return octofetch.cpu_us_per_get() / bare.cpu_us_per_get(); }
  double rate_ratio() const noexcept { return octofetch.gets_per_s() / bare.gets_per_s(); }
};

// The floor: wrk, which reads the response and looks at no byte of it.
struct Floor {
  double cpu_us_per_get = 0;
  double gets_per_s = 0;
};

struct Contest {
  Point point;
  std::vector<Pair> pairs;
  Floor floor;
};

struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

// `values` is not empty.
Spread spread_of(std::vector<double> values);

// The spread of what `figure` says of each pair.
template <typename Figure>
Spread spread_over(const Contest &contest, Figure figure) {
  std::vector<double> values;
  for (const Pair &pair : contest.pairs) values.push_back(figure(pair));
  return spread_of(std::move(values));
}

}  // namespace octo_bench
