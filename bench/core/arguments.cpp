// The options of the benchmark, for arguments.hpp.
#include "core/arguments.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

namespace octo_bench {
namespace {

// What is taken for what the command line leaves open.
struct Preset {
  std::vector<std::string> schemes;
  std::vector<std::size_t> connections;
  std::size_t pairs;
  std::uint64_t gets;
  const char *json_name;
};

const Preset kPoints = {{"http", "https"}, {16, 64, 256, 1000}, 7, 100'000, "core.json"};
const Preset kQuick = {{"http", "https"}, {64, 1000}, 3, 40'000, "core.json"};
const Preset kMillion = {{"http"}, {64}, 3, 1'000'000, "core-million.json"};
const Preset kHeap = {{"http", "https"}, {}, 0, 0, "core-heap.json"};

// Where ./dev keeps what it makes.
std::string build_folder() {
  const char *folder = std::getenv("OCTO_BUILD_DIR");
  return folder == nullptr ? "." : std::string(folder) + "/bench";
}

void fill(Arguments &arguments, const Preset &preset) {
  if (arguments.schemes.empty()) arguments.schemes = preset.schemes;
  if (arguments.connections.empty()) arguments.connections = preset.connections;
  if (arguments.pairs == 0) arguments.pairs = preset.pairs;
  if (arguments.gets == 0) arguments.gets = preset.gets;
  if (arguments.json_file.empty()) arguments.json_file = build_folder() + "/" + preset.json_name;
}

}  // namespace

std::optional<Arguments> read_arguments(int count, char **words, int &exit_code) {
  Arguments arguments;
  bool is_quick = false;
  bool is_million = false;
  bool is_heap = false;
  CLI::App app(
      "What a GET of 10 KiB costs: processor time of octofetch against a bare libcurl loop, and wrk as the floor.\n"
      "Exits with 1 when a figure misses its limit.");
  app.add_option("--schemes", arguments.schemes, "http, https; both when absent (--million: http)")
      ->delimiter(',')
      ->check(CLI::IsMember({"http", "https"}));
  app.add_option("--connections", arguments.connections, "16,64,256,1000 when absent (--million: 64)")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096));
  app.add_option("--pairs", arguments.pairs, "Runs of each contender at a point; 7 when absent (--million: 3)")
      ->check(CLI::Range(1, 99));
  app.add_option("--gets", arguments.gets, "GETs that count in a run; 100000 when absent (--million: 1000000)")
      ->check(CLI::Range(1'000, 1'000'000'000));
  app.add_option("--json", arguments.json_file, "Where every figure goes as well; in the build folder when absent");
  auto *quick = app.add_flag("--quick", is_quick, "64 and 1000 connections, 3 pairs of 40000 GETs: a look");
  auto *million = app.add_flag("--million", is_million, "The rate of a million GETs, nothing pinned");
  auto *heap = app.add_flag("--heap", is_heap, "Heap for each request in flight");
  million->excludes(quick);
  heap->excludes(quick)->excludes(million);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError &error) {
    exit_code = app.exit(error) == 0 ? 0 : 64;
    return std::nullopt;
  }
  if (is_million) arguments.mode = Mode::million;
  if (is_heap) arguments.mode = Mode::heap;
  fill(arguments, is_heap ? kHeap : is_million ? kMillion : is_quick ? kQuick : kPoints);
  return arguments;
}

}  // namespace octo_bench
