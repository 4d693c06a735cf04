// How long each reply was made to wait, in the order of the requests: what a client could have had at best.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "timers.hpp"

namespace octo::origin {

class ServiceTimes {
 public:
  static constexpr std::size_t kMax = 4'000'000;  // Beyond, nothing more is written down.

  struct Entry {
    std::int64_t at_ns;  // On the monotonic clock, when the request was read.
    double ms;
    int status;
    std::string path;  // Decoded.
  };

  void record(Instant at, Duration waits, int status, const std::string &path) {
    if (entries_.size() == kMax) return;
    const std::chrono::nanoseconds at_ns = at.time_since_epoch();
    entries_.push_back({at_ns.count(), std::chrono::duration<double, std::milli>(waits).count(), status, path});
  }
  void zero() { entries_.clear(); }
  const std::vector<Entry> &entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace octo::origin
