// The handles that a transport has in the engine's loop: how many are not closed yet, and whether the next turn may
// wait for I/O. I/O thread only.
#pragma once

#include <uv.h>

#include <cstdint>

#include "base/os_fork.hpp"

namespace octo {

class LoopHandles {
 public:
  LoopHandles(uv_loop_t *loop, LibraryVisit &visit) noexcept : loop_(loop), visit_(visit) {}
  ~LoopHandles() = default;
  LoopHandles(const LoopHandles &) = delete;
  LoopHandles &operator=(const LoopHandles &) = delete;

  void open() noexcept;
  void close() noexcept;

  uv_loop_t *loop() const noexcept { return loop_; }
  bool is_empty() const noexcept { return count_ == 0; }
  // Whoever makes a handle in the loop counts it, until its close callback has run.
  void add() noexcept { ++count_; }
  void remove() noexcept { --count_; }

  // libcurl asks for "at once" all the time. A uv_timer of 0 ms starves I/O before libuv 1.48, and one of 1 ms would
  // cost every exchange a millisecond: an idle handle keeps the next turn from waiting instead.
  void hurry() noexcept;
  void relax() noexcept;

  // While the loop waits for I/O its thread is outside of libcurl and OpenSSL. A callback that calls them says so first;
  // one of libcurl's may say so too, as no lock is held there: that lets a fork go first.
  void come_back() noexcept { visit_.resume(); }

 private:
  uv_loop_t *const loop_;
  std::uint32_t count_ = 0;
  LibraryVisit &visit_;
  uv_idle_t idle_{};
  uv_prepare_t before_wait_{};
  bool is_open_ = false;
  bool is_hurrying_ = false;
};

}  // namespace octo
