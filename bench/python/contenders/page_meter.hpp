// Processor time of the process and of the calling thread, and wall time, from its making on; meter.py is the same for
// Python.
#pragma once

#include <fmt/format.h>
#include <time.h>

#include <cstddef>

namespace octo_bench {

class PageMeter {
 public:
  PageMeter() = default;

  // Of the process, until now.
  double process_s() const noexcept { return seconds_of(CLOCK_PROCESS_CPUTIME_ID) - begin_.process_s; }

  // As one line of JSON.
  void print(std::size_t keys) const {
    const Reading end;
    fmt::print(R"({{"keys": {}, "wall_s": {:.6f}, "process_s": {:.6f}, "caller_s": {:.6f}}})"
               "\n",
               keys, end.wall_s - begin_.wall_s, end.process_s - begin_.process_s, end.thread_s - begin_.thread_s);
  }

 private:
  static double seconds_of(clockid_t clock) noexcept {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  }

  struct Reading {
    double wall_s = seconds_of(CLOCK_MONOTONIC);
    double process_s = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    double thread_s = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  };

  const Reading begin_;
};

}  // namespace octo_bench
