// Reading the clocks of the process, for meter.hpp.
#include "core/contenders/meter.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include "core/contenders/byte_sum.hpp"

namespace octo_bench {
namespace {

double seconds(const timeval &span) noexcept {
  return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) / 1e6;
}

}  // namespace

Meter::Reading Meter::Reading::now() noexcept {
  timespec wall{};
  ::clock_gettime(CLOCK_MONOTONIC, &wall);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {static_cast<double>(wall.tv_sec) + static_cast<double>(wall.tv_nsec) / 1e9, seconds(usage.ru_utime),
          seconds(usage.ru_stime)};
}

void Meter::add(const void *body, std::size_t size) noexcept {
  const std::uint64_t sum = byte_sum(body, size);
  if (is_counting()) {
    byte_sum_ += sum;
    bytes_ += size;
  }
  ++done_;
  if (done_ == task_.warm_gets) begin_ = Reading::now();
  if (done_ == task_.warm_gets + task_.gets) end_ = Reading::now();
}

void Meter::note_wire_time(std::uint64_t span_us) noexcept {
  if (is_counting()) wire_us_ += span_us;
}

void Meter::note_connections(std::uint64_t opened) noexcept {
  if (done_ < task_.warm_gets) connections_warm_ = opened;
  connections_ = opened;
}

void Meter::print() const {
  const double wall_s = end_.wall_s - begin_.wall_s;
  fmt::print(R"({{"gets": {}, "wall_s": {:.6f}, "user_s": {:.6f}, "system_s": {:.6f}, "bytes": {}, "byte_sum": {}, )"
             R"("in_flight": {:.1f}, "connections": {}, "connections_late": {}}})"
             "\n",
             task_.gets, wall_s, end_.user_s - begin_.user_s, end_.system_s - begin_.system_s, bytes_, byte_sum_,
             static_cast<double>(wire_us_) / 1e6 / wall_s, connections_, connections_ - connections_warm_);
}

}  // namespace octo_bench
