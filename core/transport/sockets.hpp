// The open sockets of one shard: who made them, which exchange has them, and how libuv watches them.
//
// A connection outlives the exchange that opened it, so libcurl closes sockets through here. A socket leaves libuv
// before its descriptor is closed, and its memory stays until libuv is done with it. I/O thread only.
#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "transport/early_records.hpp"
#include "transport/endpoint.hpp"
#include "transport/loop_handles.hpp"
#include "transport/occupancy.hpp"

namespace octo {

// A connection among all of the machine: two addresses of an origin may share a local port.
struct ConnectionName {
  // First what differs most often: all are compared with each other.
  int local_port = 0;
  int peer_port = 0;
  std::string local_ip;
  std::string peer_ip;

  bool operator==(const ConnectionName &) const = default;
};

struct SocketHold;

struct Socket {
  int fd = -1;
  EndpointRef endpoint;            // null for a socket that libcurl made for itself
  SocketHold *holder = nullptr;    // the exchange that has it; null while idle
  bool is_used = false;            // a request was sent or about to be
  ConnectionName name;             // once it is used
  AgeClock::Reading idle_since{};  // once it was given back
  EarlyRecords early;              // over TLS; libcurl frees its SSL before it closes the socket
  void *owner = nullptr;           // the shard
  LoopHandles *handles = nullptr;
  uv_poll_t watcher{};
  bool has_watcher = false;
  bool is_closed = false;
  int events = 0;   // UV_READABLE, UV_WRITABLE: what libcurl waits for
  int watched = 0;  // what libuv watches for; of a connection that went idle still the last wish
};

// What an exchange has of sockets.
struct SocketHold {
  Socket *socket = nullptr;
  EndpointRef promised;  // an idle connection of this endpoint is counted as its
};

class Sockets {
 public:
  // `on_event` gets a watcher whose data is its Socket, and that names `owner`.
  Sockets(LoopHandles &handles, uv_poll_cb on_event, void *owner) noexcept
      : handles_(handles), on_event_(on_event), owner_(owner) {}
  ~Sockets();
  Sockets(const Sockets &) = delete;
  Sockets &operator=(const Sockets &) = delete;

  // A socket that does not block and is not inherited, held by `hold`; -1 with errno.
  int open(int family, int type, int protocol, const EndpointRef &endpoint, SocketHold &hold);
  void close(int fd) noexcept;

  Socket *find(const ConnectionName &name) noexcept;
  // Makes an idle connection busy.
  void take(Socket &socket, SocketHold &hold) noexcept;
  // The exchange is over in libcurl's eyes: its connection is idle, or gone if it never took a request.
  void release(SocketHold &hold) noexcept;
  void promise(const EndpointRef &endpoint, SocketHold &hold) noexcept;

  // libcurl's wish: UV_READABLE and UV_WRITABLE, 0 to stop. Answers libuv's error, 0 for none.
  int watch(int fd, int events);
  // After an event that nobody wants: the connection is idle.
  void unwatch(Socket &socket) noexcept;
  // Again, after libuv stopped by itself.
  int watch_again(Socket &socket) noexcept;

  // Ends idle connections, so that libcurl finds them dead and closes them when it next looks for one.
  void shut_idle() noexcept;

  const Occupancy &occupancy() const noexcept { return occupancy_; }

 private:
  Socket &add(int fd);
  void forget(int fd) noexcept;
  void retire(std::unique_ptr<Socket> socket) noexcept;
  int start_watching(Socket &socket) noexcept;

  LoopHandles &handles_;
  const uv_poll_cb on_event_;
  void *const owner_;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
  Occupancy occupancy_;
};

}  // namespace octo
