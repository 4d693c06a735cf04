// Many timers at little cost: an indexed binary heap, so that arming, moving and cancelling are O(log n) and leave nothing behind.
// Time is a parameter; the heap reads no clock. Not thread-safe: the origin has one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace octo::origin {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// One appointment; the owner keeps it alive while it is armed and cancels it before it goes.
class Timer {
 public:
  explicit Timer(std::function<void()> on_due) : on_due_(std::move(on_due)) {}
  Timer(const Timer &) = delete;
  Timer &operator=(const Timer &) = delete;

  bool is_armed() const { return index_ != kNowhere; }

 private:
  friend class Timers;
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  std::function<void()> on_due_;
  Instant due_at_{};
  std::size_t index_ = kNowhere;
};

class Timers {
 public:
  // Arms the timer, or moves it when it is armed already.
  void arm(Timer &timer, Instant due_at);
  void cancel(Timer &timer);

  // When the next timer is due; nothing when none is armed.
  std::optional<Instant> next_due_at() const;

  // Runs what is due at `now`; at most as many as were armed when the pass began, so a pass always ends.
  void run_due(Instant now);

 private:
  void place(std::size_t index, Timer *timer);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Timer *> heap_;
};

}  // namespace octo::origin
