// Starting contenders and reading their reports, for contest.hpp.
#include "core/contest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>

#include "core/child.hpp"
#include "core/contenders/task.hpp"
#include "progress.hpp"

namespace octo_bench {
namespace {

// Every connection has served this often before anything counts: the windows of TCP are open, the pools are full.
constexpr std::uint64_t kWarmGetsPerConnection = 20;
constexpr std::uint64_t kWarmGetsMin = 10'000;

constexpr int kFloorShort_s = 1;
constexpr int kFloorLong_s = 4;

Measurement run_contender(const char *program, const Nginx &nginx, const Point &point, const Effort &effort) {
  const bool is_secure = point.scheme == "https";
  const std::uint64_t warm_gets = std::max(kWarmGetsMin, kWarmGetsPerConnection * point.connections);
  std::vector<std::string> words = {program,
                                    "--url",
                                    nginx.url(is_secure),
                                    "--connections",
                                    std::to_string(point.connections),
                                    "--objects",
                                    std::to_string(kObjects),
                                    "--warm-gets",
                                    std::to_string(warm_gets),
                                    "--gets",
                                    std::to_string(effort.gets)};
  if (is_secure) words.insert(words.end(), {"--ca-file", nginx.ca_file()});
  const auto report = nlohmann::json::parse(run_child(words, effort.core).output);
  Measurement found;
  found.gets = report.at("gets");
  found.wall_s = report.at("wall_s");
  found.user_s = report.at("user_s");
  found.system_s = report.at("system_s");
  found.in_flight = report.at("in_flight");
  found.connections = report.at("connections");
  found.connections_late = report.at("connections_late");
  const bool is_right = report.at("bytes") == effort.gets * kObjectBytes &&
                        report.at("byte_sum") == effort.gets * nginx.object_byte_sum();
  if (!is_right) throw std::runtime_error(fmt::format("{} did not get the bodies that were served", program));
  return found;
}

struct FloorRun {
  double cpu_s = 0;
  double requests = 0;
  double duration_s = 0;
};

FloorRun run_floor(const Nginx &nginx, const Point &point, const Effort &effort, int seconds) {
  const std::string url = nginx.url(point.scheme == "https") + "/" + object_name(0);
  const ChildEnd end = run_child(
      {"wrk", "-t1", fmt::format("-c{}", point.connections), fmt::format("-d{}s", seconds), url}, effort.core);
  static const std::regex kSummary(R"((\d+) requests in +([\d.]+)s)");
  std::smatch found;
  if (!std::regex_search(end.output, found, kSummary)) throw std::runtime_error("wrk said: " + end.output);
  return {end.cpu_s, std::stod(found[1]), std::stod(found[2])};
}

// What a second more brings and costs, because wrk's handshakes and start are in the usage of the whole process.
Floor measure_floor(const Nginx &nginx, const Point &point, const Effort &effort) {
  const FloorRun brief = run_floor(nginx, point, effort, kFloorShort_s);
  const FloorRun longer = run_floor(nginx, point, effort, kFloorLong_s);
  const double gets = longer.requests - brief.requests;
  return {(longer.cpu_s - brief.cpu_s) * 1e6 / gets, gets / (longer.duration_s - brief.duration_s)};
}

}  // namespace

Contest run_contest(const Nginx &nginx, const Point &point, const Effort &effort) {
  Progress progress(fmt::format("{}, {} connections", point.scheme, point.connections), effort.pairs, "pairs");
  Contest contest;
  contest.point = point;
  for (std::size_t number = 0; number < effort.pairs; ++number) {
    progress.show();
    Pair pair;
    const bool is_bare_first = number % 2 == 1;
    if (is_bare_first) pair.bare = run_contender(OCTO_BARE_LOOP_PROGRAM, nginx, point, effort);
    pair.octofetch = run_contender(OCTO_OCTOFETCH_CLIENT_PROGRAM, nginx, point, effort);
    if (!is_bare_first) pair.bare = run_contender(OCTO_BARE_LOOP_PROGRAM, nginx, point, effort);
    contest.pairs.push_back(pair);
    progress.add(1);
  }
  if (effort.has_floor) contest.floor = measure_floor(nginx, point, effort);
  return contest;
}

}  // namespace octo_bench
