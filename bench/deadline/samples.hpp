// The latenesses of one group of waits, and what is said of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace octo_bench {

struct Percentiles {
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double max_us = 0;
  double above_1ms_share = 0;
};

class Samples {
 public:
  void reserve(std::size_t count) { spans_ns_.reserve(count); }
  void add(std::int64_t span_ns) { spans_ns_.push_back(span_ns); }
  void add_all(const Samples &others) {
    spans_ns_.insert(spans_ns_.end(), others.spans_ns_.begin(), others.spans_ns_.end());
  }
  std::size_t count() const noexcept { return spans_ns_.size(); }
  // All zero when empty.
  Percentiles percentiles() const;

 private:
  std::vector<std::int64_t> spans_ns_;
};

// Of an even count the higher middle one; 0 when empty.
double median(std::vector<double> values);

}  // namespace octo_bench
