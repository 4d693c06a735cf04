// The options of the benchmark, for arguments.hpp.
#include "deadline/arguments.hpp"

#include <CLI/CLI.hpp>
#include <string>

namespace octo_bench {

std::optional<Arguments> read_arguments(int count, char **words, int &exit_code) {
  Arguments arguments;
  std::vector<std::string> names;
  std::vector<std::string> known;
  for (const Fault &fault : faults()) known.push_back(fault.name);
  bool is_quick = false;

  CLI::App app(
      "How late waits return under faults, against bare waits of the same length on the same threads.\n"
      "Exits with 1 when a fault's median p99.9 exceeds the larger control's by more than 1 ms plus the\n"
      "controls' own difference.");
  app.add_option("--waits", arguments.waits, "Waits of each group in a run")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--runs", arguments.runs, "Runs of each fault; the median counts")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app.add_option("--threads", arguments.threads, "Threads that wait (a spike has 150)")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--faults", names, "Which faults, separated by commas; all when absent")
      ->delimiter(',')
      ->check(CLI::IsMember(known));
  app.add_flag("--quick", is_quick, "3 runs of 2000 waits: a look, not a verdict")
      ->excludes("--waits")
      ->excludes("--runs");
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError &error) {
    exit_code = app.exit(error) == 0 ? 0 : 64;
    return std::nullopt;
  }
  if (is_quick) {
    arguments.waits = 2'000;
    arguments.runs = 3;
  }
  for (const std::string &name : names.empty() ? known : names) arguments.faults.push_back(find_fault(name));
  return arguments;
}

}  // namespace octo_bench
