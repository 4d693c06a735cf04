// bench/deadline: how late octo_batch_wait returns under faults, measured against bare waits of the same length that
// run on the same threads at the same time. README.md says how to read it.
#include <fmt/format.h>

#include <exception>

#include "deadline/arguments.hpp"
#include "deadline/crowd.hpp"
#include "deadline/report.hpp"
#include "deadline/slow_lookup.hpp"
#include "deadline/spike.hpp"
#include "machine.hpp"
#include "support/origin_process.hpp"

namespace octo_bench {
namespace {

constexpr std::uint64_t kShutdownUs = 10'000'000;

// localhost must be looked up for a lookup to stall; an address is never asked for.
std::string url_of(const octo_test::OriginProcess &origin, const Fault &fault) {
  if (fault.resolves_slowly) return "http://localhost:" + std::to_string(origin.port(fault.listener));
  return origin.url(fault.listener);
}

Run run_once(const octo_test::OriginProcess &origin, pid_t origin_process, const Fault &fault,
             const Arguments &arguments, std::size_t number) {
  Progress progress(fmt::format("{}, run {} of {}", fault.title, number, arguments.runs), arguments.waits, "waits");
  const Usage before = Usage::now(origin_process);
  Run run;
  {
    const SlowLookup slow_lookup(fault.resolves_slowly);
    if (fault.is_spike) {
      run.findings = run_spikes(origin, fault, arguments.waits, number, progress);
    } else {
      const octo_test::Client client = octo_test::open_client(url_of(origin, fault), fault.options);
      run.findings = run_crowd(client, fault, arguments.waits, arguments.threads, number, progress);
    }
  }
  run.usage = Usage::now(origin_process).since(before);
  if (octo_shutdown(kShutdownUs) != OCTO_OK) throw std::runtime_error("the library's threads did not end");
  return run;
}

bool measure(const Fault &fault, const Arguments &arguments) {
  const octo_test::OriginProcess origin(fault.script);
  const pid_t origin_process = only_child();
  const std::size_t threads = fault.is_spike ? kSpikeBatches * kGroups : arguments.threads;
  print_heading(fault, arguments.runs, arguments.waits, threads);
  std::vector<Run> runs;
  for (std::size_t number = 1; number <= arguments.runs; ++number) {
    runs.push_back(run_once(origin, origin_process, fault, arguments, number));
    print_run(fault, number, runs.back());
  }
  return print_verdict(fault, runs);
}

int run(int count, char **words) {
  int exit_code = 0;
  const std::optional<Arguments> arguments = read_arguments(count, words, exit_code);
  if (!arguments) return exit_code;
  fmt::print("{}", conditions());
  bool has_passed = true;
  for (const Fault *fault : arguments->faults) has_passed = measure(*fault, *arguments) && has_passed;
  return has_passed ? 0 : 1;
}

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  try {
    return octo_bench::run(count, words);
  } catch (const std::exception &error) {
    fmt::print(stderr, "deadline: {}\n", error.what());
    return 2;
  }
}
