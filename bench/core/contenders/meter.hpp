// Processor time, wall time and body bytes of the counted GETs of a contender, printed as one line of JSON.
//
// Counting begins while the warm-up still runs and ends while more is in flight, so that neither the start nor the tail
// of the loop is in it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/contenders/task.hpp"

namespace octo_bench {

class Meter {
 public:
  explicit Meter(const Task &task) noexcept : task_(task) {}

  // A body, whole and in memory.
  void add(const void *body, std::size_t size) noexcept;
  // How long the next body that is added was on the wire. All these spans, divided by the time they fell into, are the
  // number of requests in flight on average, whichever moments a contender comes to look (Little's law).
  void note_wire_time(std::uint64_t span_us) noexcept;
  // How many connections were opened so far, now and then: those of the warm-up do not matter.
  void note_connections(std::uint64_t opened) noexcept;

  bool is_over() const noexcept { return done_ >= task_.warm_gets + task_.gets; }
  void print() const;

 private:
  struct Reading {
    double wall_s = 0;
    double user_s = 0;
    double system_s = 0;

    static Reading now() noexcept;
  };
  bool is_counting() const noexcept { return done_ >= task_.warm_gets && !is_over(); }

  const Task &task_;
  Reading begin_;
  Reading end_;
  std::uint64_t done_ = 0;
  std::uint64_t byte_sum_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t wire_us_ = 0;
  std::uint64_t connections_warm_ = 0;
  std::uint64_t connections_ = 0;
};

}  // namespace octo_bench
