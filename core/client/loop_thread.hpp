// The I/O thread's loop: turns libuv, reads the mailbox, delivers exchanges, and lets the scheduler act.
//
// Made, used and destroyed on the I/O thread; everything of curl, uv and the scheduler lives in it.
#pragma once

#include <uv.h>

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/os_fork.hpp"
#include "client/engine.hpp"
#include "schedule/scheduler.hpp"
#include "transport/curl_transport.hpp"
#include "transport/resolver.hpp"

namespace octo {

class LoopThread {
 public:
  LoopThread(Engine &engine, LibraryVisit &visit) : engine_(engine), visit_(visit) {}
  ~LoopThread() { close(); }
  LoopThread(const LoopThread &) = delete;
  LoopThread &operator=(const LoopThread &) = delete;

  // False with a sentence when the process lacks a descriptor or memory.
  bool open(std::string &message) noexcept;
  // Until the engine is idle, stopped or closed.
  void run() noexcept;
  // Closes every handle and descriptor; the mailbox stays for the next loop.
  void close() noexcept;

 private:
  bool open_parts(std::string &message);
  [[noreturn]] void park() noexcept;
  void turn(Instant wake_at) noexcept;
  void read_mail() noexcept;
  void distrust_after_sleep() noexcept;
  Instant publish(Instant now) noexcept;

  Engine &engine_;
  LibraryVisit &visit_;
  uv_loop_t loop_{};
  uv_poll_t mail_watch_{};
  uv_timer_t timer_{};
  int event_fd_ = -1;
  bool has_loop_ = false;
  bool has_watch_ = false;
  std::unique_ptr<CurlTransport> transport_;
  std::unique_ptr<ThreadResolver> resolver_;
  std::unique_ptr<RequestSigner> signer_;
  std::unique_ptr<Scheduler> scheduler_;
  AgeClock::Reading last_turn_{};
  Instant published_at_{};
};

}  // namespace octo
