// Tables and verdicts for report.hpp.
#include "deadline/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace octo_bench {
namespace {

constexpr double kExcessMaxMs = 1.0;
// Fewer requests in the phase of the fault, and something else was measured.
constexpr double kInPhaseMin = 0.9;

const char *const kGroupNames[kGroups] = {"octofetch", "control 1", "control 2"};

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The share of requests that were, at their deadline, where the fault holds them.
double in_phase_share(const Fault &fault, const Findings &findings) {
  if (fault.phase < 0) return 1;
  const std::uint64_t all = findings.unsettled_total() + findings.requests_settled;
  return ratio(findings.unsettled.at(static_cast<std::size_t>(fault.phase)), all);
}

void print_requests(const Findings &findings) {
  const std::uint64_t all = findings.unsettled_total() + findings.requests_settled;
  fmt::print("     requests at the deadline: settled {:.1f} %", 100 * ratio(findings.requests_settled, all));
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    if (findings.unsettled[phase] == 0) continue;
    fmt::print(", {} {:.1f} %", octo_phase_name(static_cast<int>(phase)), 100 * ratio(findings.unsettled[phase], all));
  }
  if (findings.batches_complete > 0) fmt::print("; {} batches complete before it", findings.batches_complete);
  fmt::print("\n");
}

}  // namespace

double excess_ms(const Findings &findings) {
  double p999_us[kGroups];
  for (std::size_t group = 0; group < kGroups; ++group) p999_us[group] = findings.lateness[group].percentiles().p999_us;
  const double difference = std::abs(p999_us[1] - p999_us[2]);
  return (p999_us[0] - std::max(p999_us[1], p999_us[2]) - difference) / 1000;
}

void print_heading(const Fault &fault, std::size_t runs, std::size_t waits, std::size_t threads) {
  fmt::print("\n{} ({}): {} runs of {} waits of 20 to 50 ms in each group, {} threads, batches of {} keys\n",
             fault.title, fault.name, runs, waits, threads, fault.keys);
  fmt::print("run  lateness     p50 us    p99 us  p99.9 us    max us  above 1 ms\n");
}

void print_run(const Fault &, std::size_t number, const Run &run) {
  for (std::size_t group = 0; group < kGroups; ++group) {
    const Percentiles late = run.findings.lateness[group].percentiles();
    fmt::print("{:>3}  {:<9}  {:>8.1f}  {:>8.1f}  {:>8.1f}  {:>8.1f}  {:>8.3f} %\n",
               group == 0 ? std::to_string(number) : "", kGroupNames[group], late.p50_us, late.p99_us, late.p999_us,
               late.max_us, late.above_1ms_share * 100);
  }
  const Percentiles submit = run.findings.submit.percentiles();
  const Usage &usage = run.usage;
  fmt::print("     excess {:+.3f} ms; octo_submit took {:.0f} us p50, {:.0f} us p99.9, {:.0f} us at most\n",
             excess_ms(run.findings), submit.p50_us, submit.p999_us, submit.max_us);
  fmt::print(
      "     cores used: bench and library {:.2f}, origin {:.2f}, whole machine {:.2f}; stolen {:.2f}; {:.0f} s\n",
      usage.own_s / usage.wall_s, usage.origin_s / usage.wall_s, usage.busy_s / usage.wall_s,
      usage.stolen_s / usage.wall_s, usage.wall_s);
  print_requests(run.findings);
  std::fflush(stdout);
}

bool print_verdict(const Fault &fault, const std::vector<Run> &runs) {
  std::vector<double> excesses_ms;
  double in_phase = 1;
  for (const Run &run : runs) {
    excesses_ms.push_back(excess_ms(run.findings));
    in_phase = std::min(in_phase, in_phase_share(fault, run.findings));
  }
  const double middle_ms = median(excesses_ms);
  if (in_phase < kInPhaseMin) {
    fmt::print("FAIL {}: the fault did not work: only {:.1f} % of the requests were {} at their deadline\n",
               fault.title, 100 * in_phase, octo_phase_name(fault.phase));
    return false;
  }
  const bool has_passed = middle_ms <= kExcessMaxMs;
  fmt::print(
      "{} {}: p99.9 exceeds the larger control's plus the controls' difference by {:+.3f} ms (median of {}; limit "
      "{:.0f} ms)\n",
      has_passed ? "PASS" : "FAIL", fault.title, middle_ms, runs.size(), kExcessMaxMs);
  return has_passed;
}

}  // namespace octo_bench
