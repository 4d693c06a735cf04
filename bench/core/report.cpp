// Rows, limits and JSON for report.hpp.
#include "core/report.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/nginx.hpp"

namespace octo_bench {
namespace {

// Of the bare loop's processor time for a GET. At 1000 connections one multi is slow by itself, and shards must win.
constexpr double kCpuRatioMax64 = 1.25;
constexpr double kCpuRatioBelow1000 = 1.0;
// Of the bare loop's rate.
constexpr double kMillionRateMin = 0.8;

struct Verdict {
  bool has_limit = false;
  bool is_kept = true;
  std::string limit;
};

Verdict verdict_on(std::size_t connections, double ratio) {
  if (connections == 64) return {true, ratio <= kCpuRatioMax64, fmt::format("at most {:.2f}", kCpuRatioMax64)};
  if (connections == 1000) {
    return {true, ratio < kCpuRatioBelow1000, fmt::format("below {:.2f}", kCpuRatioBelow1000)};
  }
  return {};
}

std::string text_of(const Spread &spread) {
  return fmt::format("{:.3f} ({:.3f}..{:.3f})", spread.median, spread.min, spread.max);
}

nlohmann::json json_of(const Measurement &run) {
  return {{"gets", run.gets},
          {"wall_s", run.wall_s},
          {"user_s", run.user_s},
          {"system_s", run.system_s},
          {"cpu_us_per_get", run.cpu_us_per_get()},
          {"gets_per_s", run.gets_per_s()},
          {"in_flight", run.in_flight},
          {"connections", run.connections},
          {"connections_late", run.connections_late}};
}

nlohmann::json json_of(const Spread &spread) {
  return {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}};
}

}  // namespace

std::string origin_conditions() {
  return fmt::format("nginx {} on the loopback, {} objects of {} bytes\n", Nginx::version(), kObjects, kObjectBytes);
}

void print_heading() {
  fmt::print(
      "\nProcessor time of a GET, user and system, every body byte summed; medians (lowest..highest) of pairs.\n");
  fmt::print("{:<6} {:>5}  {:>9} {:>8} {:>7}  {:<22} {:<22} {:>9}  {}\n", "scheme", "conns", "octofetch", "bare loop",
             "wrk", "processor time ratio", "rate ratio", "in flight", "verdict");
}

bool print_contest(const Contest &contest) {
  const Spread own = spread_over(contest, [](const Pair &pair) { return pair.octofetch.cpu_us_per_get(); });
  const Spread bare = spread_over(contest, [](const Pair &pair) { return pair.bare.cpu_us_per_get(); });
  const Spread cpu = spread_over(contest, [](const Pair &pair) { return pair.cpu_ratio(); });
  const Spread rate = spread_over(contest, [](const Pair &pair) { return pair.rate_ratio(); });
  const Spread in_flight = spread_over(contest, [](const Pair &pair) { return pair.octofetch.in_flight; });
  const Verdict verdict = verdict_on(contest.point.connections, cpu.median);
  fmt::print("{:<6} {:>5}  {:>6.2f} us {:>6.2f} us {:>4.2f} us  {:<22} {:<22} {:>9.1f}  {}\n", contest.point.scheme,
             contest.point.connections, own.median, bare.median, contest.floor.cpu_us_per_get, text_of(cpu),
             text_of(rate), in_flight.median,
             !verdict.has_limit ? "-" : fmt::format("{} ({})", verdict.is_kept ? "PASS" : "FAIL", verdict.limit));
  for (const Pair &pair : contest.pairs) {
    if (pair.octofetch.connections_late + pair.bare.connections_late == 0) continue;
    fmt::print("       connections opened after the warm-up: octofetch {}, bare loop {}\n",
               pair.octofetch.connections_late, pair.bare.connections_late);
  }
  std::fflush(stdout);
  return verdict.is_kept;
}

bool print_million(const Contest &contest) {
  const Spread own = spread_over(contest, [](const Pair &pair) { return pair.octofetch.wall_s; });
  const Spread bare = spread_over(contest, [](const Pair &pair) { return pair.bare.wall_s; });
  const Spread rate = spread_over(contest, [](const Pair &pair) { return pair.rate_ratio(); });
  const bool is_kept = rate.median >= kMillionRateMin;
  fmt::print(
      "{}: {} GETs over {} connections: octofetch {:.2f} s ({:.2f}..{:.2f}), bare loop {:.2f} s ({:.2f}..{:.2f})\n",
      contest.point.scheme, contest.pairs.front().octofetch.gets, contest.point.connections, own.median, own.min,
      own.max, bare.median, bare.min, bare.max);
  fmt::print("{} {}: the rate is {:.1f} % of the bare loop's ({:.1f}..{:.1f}, median of {}; limit {:.0f} %)\n",
             is_kept ? "PASS" : "FAIL", contest.point.scheme, 100 * rate.median, 100 * rate.min, 100 * rate.max,
             contest.pairs.size(), 100 * kMillionRateMin);
  std::fflush(stdout);
  return is_kept;
}

nlohmann::json json_of(const Contest &contest) {
  nlohmann::json pairs = nlohmann::json::array();
  for (const Pair &pair : contest.pairs) {
    pairs.push_back({{"octofetch", json_of(pair.octofetch)}, {"bare_loop", json_of(pair.bare)}});
  }
  nlohmann::json figures = {
      {"scheme", contest.point.scheme},
      {"connections", contest.point.connections},
      {"cpu_ratio", json_of(spread_over(contest, [](const Pair &pair) { return pair.cpu_ratio(); }))},
      {"rate_ratio", json_of(spread_over(contest, [](const Pair &pair) { return pair.rate_ratio(); }))},
      {"pairs", std::move(pairs)}};
  if (contest.floor.gets_per_s > 0) {
    figures["wrk"] = {{"cpu_us_per_get", contest.floor.cpu_us_per_get}, {"gets_per_s", contest.floor.gets_per_s}};
  }
  return figures;
}

void write_json(const std::string &file, const std::string &conditions, nlohmann::json figures) {
  const nlohmann::json document = {{"conditions", conditions}, {"figures", std::move(figures)}};
  std::ofstream stream(file);
  stream << document.dump(2) << '\n';
  if (!stream.flush()) throw std::runtime_error("cannot write " + file);
  fmt::print("every figure: {}\n", file);
}

}  // namespace octo_bench
