// Making, watching and closing sockets, for sockets.hpp.
#include "transport/sockets.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/assert.hpp"
#include "base/os_fork.hpp"

namespace octo {
namespace {

// A peer that acknowledges nothing for so long is gone: without this the kernel keeps trying for a quarter of an hour.
constexpr unsigned kUnacknowledgedMsMax = 10'000;

}  // namespace

Sockets::~Sockets() { OCTO_ASSERT(sockets_.empty()); }

int Sockets::open(int family, int type, int protocol, const EndpointRef &endpoint, SocketHold &hold) {
  const int fd = ::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) return -1;
#if defined(TCP_USER_TIMEOUT)
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMsMax, sizeof kUnacknowledgedMsMax);
#endif
  Socket *socket = nullptr;
  try {
    socket = &add(fd);
    release(hold);
    occupancy_.open(endpoint);
  } catch (...) {
    if (socket != nullptr) sockets_.erase(fd);
    ::close(fd);
    throw;
  }
  socket->endpoint = endpoint;
  socket->holder = &hold;
  hold.socket = socket;
  return fd;
}

// A number that is still known belongs to a socket that libcurl closed without a word.
Socket &Sockets::add(int fd) {
  auto fresh = std::make_unique<Socket>();
  fresh->fd = fd;
  std::unique_ptr<Socket> &place = sockets_[fd];
  if (place != nullptr) retire(std::move(place));
  place = std::move(fresh);
  return *place;
}

void Sockets::close(int fd) noexcept {
  forget(fd);
  // The origin hears nothing of a close while a child of fork holds the descriptor as well.
  if (has_forked()) ::shutdown(fd, SHUT_RDWR);
  ::close(fd);
}

void Sockets::forget(int fd) noexcept {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  std::unique_ptr<Socket> socket = std::move(found->second);
  sockets_.erase(found);
  retire(std::move(socket));
}

// libuv may still name the socket in this turn, so its memory goes when the loop says so.
void Sockets::retire(std::unique_ptr<Socket> socket) noexcept {
  SocketHold *holder = std::exchange(socket->holder, nullptr);
  if (holder != nullptr) holder->socket = nullptr;
  if (socket->endpoint != nullptr) occupancy_.close(*socket->endpoint, holder != nullptr);
  socket->is_closed = true;
  if (!socket->has_watcher) return;
  Socket *raw = socket.release();
  ::uv_poll_stop(&raw->watcher);
  ::uv_close(reinterpret_cast<uv_handle_t *>(&raw->watcher), [](uv_handle_t *handle) {
    const std::unique_ptr<Socket> ended(static_cast<Socket *>(handle->data));
    ended->handles->remove();
  });
}

Socket *Sockets::find(const ConnectionName &name) noexcept {
  for (auto &[fd, socket] : sockets_) {
    if (socket->is_used && socket->name == name) return socket.get();
  }
  return nullptr;
}

void Sockets::take(Socket &socket, SocketHold &hold) noexcept {
  OCTO_ASSERT(socket.holder == nullptr && socket.endpoint != nullptr);
  release(hold);
  occupancy_.take(*socket.endpoint);
  socket.holder = &hold;
  hold.socket = &socket;
}

void Sockets::release(SocketHold &hold) noexcept {
  if (hold.promised != nullptr) occupancy_.withdraw(*std::exchange(hold.promised, nullptr));
  Socket *socket = hold.socket;
  if (socket == nullptr) return;
  // A connection that never took a request is in no pool. libcurl 7.88 closes such a socket without calling back; the
  // number may be another file's by now, and must not be touched.
  if (!socket->is_used) return forget(socket->fd);
  hold.socket = nullptr;
  socket->holder = nullptr;
  socket->idle_since = AgeClock::read();
  occupancy_.give_back(*socket->endpoint);
}

void Sockets::promise(const EndpointRef &endpoint, SocketHold &hold) noexcept {
  hold.promised = endpoint;
  occupancy_.promise(*endpoint);
}

int Sockets::watch(int fd, int events) {
  const auto found = sockets_.find(fd);
  if (events == 0) {
    if (found == sockets_.end()) return 0;
    found->second->events = 0;
    // A connection goes idle after each exchange and is wanted again for the next, as a rule for the same events: three
    // system calls are saved when nothing happens in between.
    if (found->second->is_used) return 0;
    unwatch(*found->second);
    if (found->second->endpoint != nullptr) return 0;
    // libcurl closes its own sockets itself, at any time from now on.
    forget(fd);
    return 0;
  }
  Socket &socket = found == sockets_.end() ? add(fd) : *found->second;
  if (!socket.has_watcher) {
    if (const int error = ::uv_poll_init(handles_.loop(), &socket.watcher, fd); error != 0) return error;
    socket.watcher.data = &socket;
    socket.has_watcher = true;
    socket.handles = &handles_;
    socket.owner = owner_;
    handles_.add();
  }
  socket.events = events;
  return socket.watched == events ? 0 : start_watching(socket);
}

void Sockets::unwatch(Socket &socket) noexcept {
  socket.watched = 0;
  if (socket.has_watcher) ::uv_poll_stop(&socket.watcher);
}

int Sockets::watch_again(Socket &socket) noexcept {
  socket.watched = 0;
  return socket.is_closed || socket.events == 0 ? 0 : start_watching(socket);
}

int Sockets::start_watching(Socket &socket) noexcept {
  const int error = ::uv_poll_start(&socket.watcher, socket.events, on_event_);
  socket.watched = error == 0 ? socket.events : 0;
  return error;
}

void Sockets::shut_idle() noexcept {
  for (auto &[fd, socket] : sockets_) {
    if (socket->endpoint != nullptr && socket->holder == nullptr) ::shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace octo
