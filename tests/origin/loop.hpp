// The one event loop of the origin: sockets through epoll, edge-triggered, and timers; one reading of the clock per pass.
// Everything here runs on the only thread.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "timers.hpp"

namespace octo::origin {

// Whoever has a file descriptor in the loop. An object that ends while the loop runs is handed to Loop::retire, which frees it
// when no event of the current pass can mention it any more.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher &) = delete;
  Watcher &operator=(const Watcher &) = delete;
  virtual ~Watcher() = default;

  // `events` are the EPOLL* bits. A retired watcher may still be called in the same pass and must ignore it.
  virtual void on_events(std::uint32_t events) = 0;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop &) = delete;
  Loop &operator=(const Loop &) = delete;

  // False when the kernel cannot watch this descriptor (a regular file).
  [[nodiscard]] bool watch(int descriptor, std::uint32_t events, Watcher &watcher);

  // Needed only for a descriptor that stays open; closing one ends its watch.
  void unwatch(int descriptor);
  void retire(std::unique_ptr<Watcher> watcher) { retired_.push_back(std::move(watcher)); }

  void run();
  void stop() { is_stopped_ = true; }

  // The clock as read when this pass began.
  Instant now() const { return now_; }
  Timers &timers() { return timers_; }

 private:
  int wait(epoll_event *events, int count_max);

  int epoll_ = -1;
  bool is_stopped_ = false;
  bool has_precise_wait_ = true;
  Instant now_;
  Timers timers_;
  std::vector<std::unique_ptr<Watcher>> retired_;
};

}  // namespace octo::origin
