// One curl multi on the engine's loop, with at most about 64 connections in use: a multi with a thousand costs twice as
// much for each exchange.
//
// libcurl's callbacks only note; exchanges that ended wait in a list until the transport takes them, outside of any
// callback. I/O thread only.
#pragma once

#include <curl/curl.h>
#include <uv.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "transport/loop_handles.hpp"
#include "transport/sockets.hpp"
#include "transport/transfer.hpp"

namespace octo {

inline constexpr std::uint32_t kShardConnectionsMax = 64;

class Shard {
 public:
  Shard(const TransportParts &parts, LoopHandles &handles) noexcept;
  ~Shard();
  Shard(const Shard &) = delete;
  Shard &operator=(const Shard &) = delete;

  // False when there is no memory for a multi.
  bool open() noexcept;
  // Every exchange ends without a word, every socket closes; the loop must turn until LoopHandles is empty.
  void close() noexcept;

  // Null when there is no memory for it.
  Transfer *start(const ExchangeRequest &request, ExchangeEvents &events);
  // Of an exchange that is finished or not. Never from inside a callback of libcurl.
  void drop(Transfer &transfer) noexcept;

  // After each turn of the loop: what libcurl wants to do now, and when it wants to be called again.
  void turn() noexcept;
  // An exchange that ended, to be concluded and dropped; null when there is none.
  Transfer *next_finished() noexcept;

  // Closes idle connections: all at once while no exchange runs, else when libcurl next looks for one.
  void close_idle() noexcept;

  // Connections that are open or about to be. Exchanges alone would not do: quick ones that come one after the other
  // would pile up more connections here than libcurl keeps.
  std::size_t load() const noexcept { return transfers_.size() + occupancy().idle_count(); }
  const Occupancy &occupancy() const noexcept { return sockets_.occupancy(); }

 private:
  static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket) noexcept;
  static int on_timer(CURLM *multi, long timeout_ms, void *context) noexcept;
  static void on_event(uv_poll_t *watcher, int status, int events) noexcept;
  static void on_timeout(uv_timer_t *timer) noexcept;

  bool open_multi() noexcept;
  void close_multi() noexcept;
  void act(curl_socket_t fd, int what) noexcept;
  void drain() noexcept;
  void finish(Transfer &transfer, CURLcode code) noexcept;
  void end_failed() noexcept;
  void rebuild() noexcept;
  void arm(long timeout_ms) noexcept;

  const TransportParts &parts_;
  LoopHandles &handles_;
  CURLM *multi_ = nullptr;
  CURLSH *share_ = nullptr;
  Sockets sockets_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer *> finished_;  // has room for all of transfers_
  uv_timer_t timer_{};
  std::uint64_t timer_at_ = 0;  // in the loop's milliseconds; 0 while it does not run
  bool has_timer_ = false;
  bool is_due_ = false;      // libcurl wants to be called in this turn
  bool is_touched_ = false;  // since the last turn, so that what libcurl waits for may have changed
  bool is_inside_ = false;   // of a call to libcurl that may call back
  bool is_broken_ = false;   // libcurl lost the state of its exchanges
  bool has_failed_ = false;  // an exchange failed in a callback that cannot tell libcurl
};

}  // namespace octo
