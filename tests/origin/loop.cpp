// epoll behind Loop, with waits as precise as the kernel offers: a scripted delay of 5 ms should not become 6.
#include "loop.hpp"

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include <unistd.h>

namespace octo::origin {

namespace {

constexpr int kEventsPerPass = 256;

}  // namespace

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), now_(std::chrono::steady_clock::now()) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Loop::~Loop() { ::close(epoll_); }

bool Loop::watch(int descriptor, std::uint32_t events, Watcher &watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Loop::unwatch(int descriptor) { epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr); }

void Loop::run() {
  epoll_event events[kEventsPerPass];
  while (!is_stopped_) {
    const int count = wait(events, kEventsPerPass);
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      static_cast<Watcher *>(events[i].data.ptr)->on_events(events[i].events);
    }
    timers_.run_due(now_);
    retired_.clear();
  }
}

int Loop::wait(epoll_event *events, int count_max) {
  const auto due_at = timers_.next_due_at();
  Duration left = Duration::max();
  if (due_at) {
    left = std::max(Duration::zero(), Duration(*due_at - std::chrono::steady_clock::now()));
  }
  if (has_precise_wait_) {
    timespec timeout{};
    timeout.tv_sec = left.count() / 1'000'000'000;
    timeout.tv_nsec = left.count() % 1'000'000'000;
    const int count = epoll_pwait2(epoll_, events, count_max, due_at ? &timeout : nullptr, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    has_precise_wait_ = false;  // Kernels before 5.11.
  }
  constexpr Duration kWaitMax = std::chrono::hours(1);
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(std::min(left, kWaitMax));
  return epoll_wait(epoll_, events, count_max, due_at ? static_cast<int>(rounded.count()) : -1);
}

}  // namespace octo::origin
