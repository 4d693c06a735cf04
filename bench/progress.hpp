// A line on stderr that says how far a run is, where somebody watches.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

namespace octo_bench {

class Progress {
 public:
  // Shows "TITLE: done of total UNITS".
  Progress(std::string title, std::size_t total, const char *units);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  // Any thread.
  void add(std::size_t count) noexcept { done_.fetch_add(count, std::memory_order_relaxed); }
  std::size_t done() const noexcept { return done_.load(std::memory_order_relaxed); }
  // One thread.
  void show() const;

 private:
  const std::string title_;
  const std::size_t total_;
  const char *const units_;
  const bool is_watched_;
  std::atomic<std::size_t> done_{0};
};

}  // namespace octo_bench
