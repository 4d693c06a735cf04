// Writing and clearing the line of progress.hpp.
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace octo_bench {

Progress::Progress(std::string title, std::size_t total, const char *units)
    : title_(std::move(title)), total_(total), units_(units), is_watched_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (is_watched_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show() const {
  if (!is_watched_) return;
  fmt::print(stderr, "\r\x1b[K{}: {} of {} {}", title_, done(), total_, units_);
  std::fflush(stderr);
}

}  // namespace octo_bench
