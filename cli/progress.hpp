// The line on stderr that shows how far a batch has come, and goes away at its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "terminal.hpp"

namespace octo::cli {

struct ProgressState {
  std::size_t settled_count;
  std::size_t count;
  std::uint64_t size;  // of the bodies so far
  std::uint64_t elapsed_us;
  std::uint64_t budget_us;
};

// One line without its end, at most `columns` wide: "[#####---------------] 25/100  240 KiB  180 ms left".
std::string progress_line(const ProgressState &state, const Terminal &terminal);

class Progress {
 public:
  Progress(const Terminal &terminal, bool is_wanted) : terminal_(terminal), is_wanted_(is_wanted) {}

  void show(const ProgressState &state);  // at most every 50 ms
  void erase();

 private:
  Terminal terminal_;
  bool is_wanted_;
  bool is_shown_ = false;
  std::uint64_t shown_at_us_ = 0;
};

}  // namespace octo::cli
