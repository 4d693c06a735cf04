// Starting the heap client and judging its figures, for heap.hpp.
#include "core/heap.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/child.hpp"
#include "core/descriptors.hpp"

namespace octo_bench {
namespace {

constexpr std::size_t kFew = 1'000;
constexpr std::size_t kMany = 5'000;
constexpr std::size_t kOtherDescriptors = 200;
// Of HTTP alone: what a TLS connection takes is OpenSSL's to decide.
constexpr double kKibMax = 32;

}  // namespace

HeapSlope measure_heap_slope(const std::string &scheme) {
  require_descriptors(kMany + kOtherDescriptors);
  const ChildEnd end = run_child(
      {OCTO_HEAP_CLIENT_PROGRAM, "--scheme", scheme, "--few", std::to_string(kFew), "--many", std::to_string(kMany)});
  const auto report = nlohmann::json::parse(end.output);
  return {scheme, report.at("few"), report.at("many"), report.at("bytes_few"), report.at("bytes_many")};
}

bool print_heap(const HeapSlope &slope) {
  const double kib = slope.bytes_per_request() / 1024;
  const bool has_limit = slope.scheme == "http";
  const bool is_kept = !has_limit || kib <= kKibMax;
  fmt::print("{}{}: {:.1f} KiB of heap for each request that waits for its headers, from {} to {} of them{}\n",
             !has_limit ? ""
             : is_kept  ? "PASS "
                        : "FAIL ",
             slope.scheme, kib, slope.few, slope.many, has_limit ? fmt::format(" (limit {:.0f} KiB)", kKibMax) : "");
  std::fflush(stdout);
  return is_kept;
}

nlohmann::json json_of(const HeapSlope &slope) {
  return {{"scheme", slope.scheme},
          {"few", slope.few},
          {"many", slope.many},
          {"bytes_few", slope.bytes_few},
          {"bytes_many", slope.bytes_many},
          {"bytes_per_request", slope.bytes_per_request()}};
}

}  // namespace octo_bench
