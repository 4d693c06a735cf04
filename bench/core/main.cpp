// bench/core: what a GET costs, measured against a bare libcurl loop over the same connections to the same nginx.
// README.md says how to read it.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "core/arguments.hpp"
#include "core/child.hpp"
#include "core/contest.hpp"
#include "core/descriptors.hpp"
#include "core/heap.hpp"
#include "core/nginx.hpp"
#include "core/report.hpp"
#include "machine.hpp"

namespace octo_bench {
namespace {

// nginx keeps its objects open beside its connections; the rest is generous.
constexpr std::size_t kOtherDescriptors = 200;

// On a core of its own the client's processor time is not that of caches somebody else emptied.
bool measure_points(const Arguments &arguments, nlohmann::json &figures) {
  const std::vector<int> cores = allowed_cores();
  if (cores.size() < 2) throw std::runtime_error("two cores are needed: one for the client, one for nginx");
  require_descriptors(kObjects + kOtherDescriptors +
                      *std::max_element(arguments.connections.begin(), arguments.connections.end()));
  const Nginx nginx(cores.front());
  print_heading();
  bool has_passed = true;
  for (const std::string &scheme : arguments.schemes) {
    for (const std::size_t connections : arguments.connections) {
      const Contest contest =
          run_contest(nginx, {scheme, connections}, {arguments.pairs, arguments.gets, true, cores.back()});
      has_passed = print_contest(contest) && has_passed;
      figures.push_back(json_of(contest));
    }
  }
  return has_passed;
}

bool measure_million(const Arguments &arguments, nlohmann::json &figures) {
  const Nginx nginx(std::nullopt);
  fmt::print("\nClient and nginx share the machine, nothing is pinned.\n");
  bool has_passed = true;
  for (const std::string &scheme : arguments.schemes) {
    for (const std::size_t connections : arguments.connections) {
      const Contest contest =
          run_contest(nginx, {scheme, connections}, {arguments.pairs, arguments.gets, false, std::nullopt});
      has_passed = print_million(contest) && has_passed;
      figures.push_back(json_of(contest));
    }
  }
  return has_passed;
}

bool measure_heap(const Arguments &arguments, nlohmann::json &figures) {
  fmt::print("\n");
  bool has_passed = true;
  for (const std::string &scheme : arguments.schemes) {
    const HeapSlope slope = measure_heap_slope(scheme);
    has_passed = print_heap(slope) && has_passed;
    figures.push_back(json_of(slope));
  }
  return has_passed;
}

bool measure(const Arguments &arguments, nlohmann::json &figures) {
  switch (arguments.mode) {
    case Mode::points: return measure_points(arguments, figures);
    case Mode::million: return measure_million(arguments, figures);
    case Mode::heap: return measure_heap(arguments, figures);
  }
  return false;
}

std::string all_conditions(const Arguments &arguments) {
  std::string text = conditions();
  if (arguments.mode != Mode::heap) text += origin_conditions();
#if defined(OCTO_ASSERTIONS)
  text += "the library checks its invariants here (OCTO_ASSERTIONS), which an installed one does not\n";
#endif
  return text;
}

int run(int count, char **words) {
  int exit_code = 0;
  const std::optional<Arguments> arguments = read_arguments(count, words, exit_code);
  if (!arguments) return exit_code;
  raise_descriptor_limit();
  const std::string under = all_conditions(*arguments);
  fmt::print("{}", under);
  nlohmann::json figures = nlohmann::json::array();
  const bool has_passed = measure(*arguments, figures);
  write_json(arguments->json_file, under, std::move(figures));
  return has_passed ? 0 : 1;
}

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  try {
    return octo_bench::run(count, words);
  } catch (const std::exception &error) {
    fmt::print(stderr, "core: {}\n", error.what());
    return 2;
  }
}
