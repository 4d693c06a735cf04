// The indexed heap behind Timers: each timer knows its own place, so it can be moved and removed without a search.
#include "timers.hpp"

namespace octo::origin {

void Timers::arm(Timer &timer, Instant due_at) {
  timer.due_at_ = due_at;
  if (!timer.is_armed()) {
    heap_.push_back(&timer);
    timer.index_ = heap_.size() - 1;
  }
  sift_up(timer.index_);
  sift_down(timer.index_);
}

void Timers::cancel(Timer &timer) {
  if (!timer.is_armed()) return;
  const std::size_t index = timer.index_;
  timer.index_ = Timer::kNowhere;
  Timer *last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(index, last);
  sift_up(index);
  sift_down(last->index_);
}

std::optional<Instant> Timers::next_due_at() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->due_at_;
}

void Timers::run_due(Instant now) {
  // A call may arm a timer for `now` again (that is how long work yields): the count bounds the pass.
  std::size_t budget = heap_.size();
  while (budget-- > 0 && !heap_.empty() && heap_.front()->due_at_ <= now) {
    Timer *timer = heap_.front();
    cancel(*timer);
    timer->on_due_();
  }
}

void Timers::place(std::size_t index, Timer *timer) {
  heap_[index] = timer;
  timer->index_ = index;
}

void Timers::sift_up(std::size_t index) {
  Timer *timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->due_at_ <= timer->due_at_) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, timer);
}

void Timers::sift_down(std::size_t index) {
  Timer *timer = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->due_at_ < heap_[child]->due_at_) ++child;
    if (timer->due_at_ <= heap_[child]->due_at_) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, timer);
}

}  // namespace octo::origin
