// Binding, listening and accepting. The names with a fixed meaning (refused, black_hole) never accept anything.
#include "listeners.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace octo::origin {

namespace {

constexpr const char *kRefused = "refused";
constexpr const char *kBlackHole = "black_hole";
constexpr int kFullBacklog = 0;

void set_flag(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

int bound_socket(const Address &address, bool may_share) {
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
  set_flag(descriptor, SOL_SOCKET, SO_REUSEADDR, may_share ? 1 : 0);
  if (::bind(descriptor, reinterpret_cast<const sockaddr *>(&address.storage), address.size) == 0) return descriptor;
  const int reason = errno;
  ::close(descriptor);
  if (reason == EADDRINUSE) return -1;
  throw std::runtime_error(std::string("--address: cannot bind: ") + std::strerror(reason) +
                           "; name addresses this machine has, such as 127.0.0.1");
}

// A port nobody has at the moment. It is bound again by its number: the kernel takes a port it chose itself away from a listener
// that is shut down.
std::uint16_t free_port(const std::string &address) {
  const int descriptor = bound_socket(Address(address, 0), false);
  if (descriptor < 0) throw std::runtime_error("--address: " + address + " has no free port; end other programs");
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(descriptor, reinterpret_cast<sockaddr *>(&bound), &size);
  ::close(descriptor);
  // sin_port and sin6_port lie at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in *>(&bound)->sin_port);
}

}  // namespace

Address::Address(const std::string &text, std::uint16_t port) {
  auto *four = reinterpret_cast<sockaddr_in *>(&storage);
  auto *six = reinterpret_cast<sockaddr_in6 *>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    size = sizeof *four;
    if ((ntohl(four->sin_addr.s_addr) >> 24) == 127) return;
  } else if (inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    size = sizeof *six;
    if (IN6_IS_ADDR_LOOPBACK(&six->sin6_addr)) return;
  }
  throw std::runtime_error("--address: '" + text + "' is not a loopback address; use 127.x.y.z or ::1");
}

Listener::Listener(Loop &loop, Entrance entrance, OnAccept on_accept)
    : loop_(loop), entrance_(std::move(entrance)), on_accept_(std::move(on_accept)) {}

Listener::~Listener() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Listener::bind(std::uint16_t port, bool may_share) {
  // Sharing lets it listen again while the port still has connections.
  port_ = port;
  descriptor_ = bound_socket(Address(entrance_.address, port), may_share);
  return descriptor_ >= 0;
}

bool Listener::listen(int backlog) {
  is_open_ = ::listen(descriptor_, backlog) == 0;
  return is_open_;
}

void Listener::accept_connections() {
  if (!loop_.watch(descriptor_, EPOLLIN, *this)) throw std::runtime_error("epoll_ctl failed for a listener");
}

void Listener::shut() {
  if (!is_open_) return;
  is_open_ = false;
  loop_.unwatch(descriptor_);
  // A TCP listener that is shut down falls back to "bound": connects are refused, and nobody else gets the port.
  ::shutdown(descriptor_, SHUT_RD);
  set_flag(descriptor_, SOL_SOCKET, SO_REUSEADDR, 0);
}

bool Listener::open() {
  if (is_open_) return true;
  set_flag(descriptor_, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!listen(SOMAXCONN)) return false;
  accept_connections();
  return true;
}

void Listener::on_events(std::uint32_t) {
  constexpr int kAcceptsPerPass = 64;
  for (int i = 0; i < kAcceptsPerPass && is_open_; ++i) {
    const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      set_flag(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
      on_accept_(descriptor, entrance_);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE) {
      static bool is_told = false;
      if (!is_told) std::fprintf(stderr, "octo-origin: out of file descriptors; raise the hard limit (ulimit -Hn)\n");
      is_told = true;
    }
    return;
  }
}

Listeners::Listeners(Loop &loop, const Certificates &certificates, std::vector<std::string> addresses)
    : loop_(loop), certificates_(certificates), addresses_(std::move(addresses)) {}

Listeners::~Listeners() {
  for (const int filler : fillers_) ::close(filler);
}

void Listeners::open_all(const Listener::OnAccept &on_data, const Listener::OnAccept &on_control) {
  using Manner = Entrance::Manner;
  const Entrance entrances[] = {
      {"control", "", Manner::kServe, nullptr},
      {"http", "", Manner::kServe, nullptr},
      {"https", "", Manner::kServe, certificates_.good.get()},
      {"https_expired", "", Manner::kServe, certificates_.expired.get()},
      {"https_self_signed", "", Manner::kServe, certificates_.self_signed.get()},
      {"https_wrong_host", "", Manner::kServe, certificates_.wrong_host.get()},
      {"tls_stall", "", Manner::kHelloThenStall, nullptr},
      {"tls_eof", "", Manner::kHelloThenClose, nullptr},
      {"tls_alert", "", Manner::kHelloThenAlert, nullptr},
      {"silent", "", Manner::kSilent, nullptr},
      {kRefused, "", Manner::kSilent, nullptr},
      {kBlackHole, "", Manner::kSilent, nullptr},
  };
  for (const Entrance &entrance : entrances) {
    ports_[entrance.listener] = open_row(entrance, entrance.listener == "control" ? on_control : on_data);
  }
}

// A port that is free on every address: found on the first, tried on the others.
std::uint16_t Listeners::open_row(const Entrance &entrance, const Listener::OnAccept &on_accept) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    Row row;
    if (!try_row(entrance, on_accept, row)) continue;
    const std::uint16_t port = row.front()->port();
    for (auto &listener : row) {
      if (entrance.listener == kBlackHole) {
        fill_backlog(*listener);
      } else if (entrance.listener != kRefused) {
        listener->accept_connections();
      }
      listeners_.push_back(std::move(listener));
    }
    return port;
  }
  throw std::runtime_error("no port is free on every address; name fewer addresses with --address");
}

bool Listeners::try_row(const Entrance &entrance, const Listener::OnAccept &on_accept, Row &row) {
  const bool may_listen = entrance.listener != kRefused;
  const std::uint16_t port = free_port(addresses_.front());
  for (const std::string &address : addresses_) {
    Entrance here = entrance;
    here.address = address;
    row.push_back(std::make_unique<Listener>(loop_, std::move(here), on_accept));
    if (!row.back()->bind(port, may_listen)) return false;
    const int backlog = entrance.listener == kBlackHole ? kFullBacklog : SOMAXCONN;
    if (may_listen && !row.back()->listen(backlog)) return false;
  }
  return true;
}

// A backlog of 0 holds one connection: with ours in it, the kernel drops every further SYN without an answer.
void Listeners::fill_backlog(const Listener &listener) {
  const Address address(listener.entrance().address, listener.port());
  const int filler = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (filler < 0) throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
  fillers_.push_back(filler);
  ::connect(filler, reinterpret_cast<const sockaddr *>(&address.storage), address.size);
  pollfd wanted{filler, POLLOUT, 0};
  constexpr int kConnectMs = 1'000;
  ::poll(&wanted, 1, kConnectMs);
}

bool Listeners::shut(const std::string &name, const std::string &address) {
  bool is_found = false;
  for (auto &listener : listeners_) {
    if (listener->entrance().listener != name || (!address.empty() && listener->entrance().address != address))
      continue;
    is_found = true;
    listener->shut();
  }
  return is_found;
}

bool Listeners::open(const std::string &name, const std::string &address) {
  bool is_open = false;
  for (auto &listener : listeners_) {
    if (listener->entrance().listener != name || (!address.empty() && listener->entrance().address != address))
      continue;
    if (!listener->open()) return false;
    is_open = true;
  }
  return is_open;
}

}  // namespace octo::origin
