// The ports of the origin: every name listens on every address with the same port. Names differ in what a client meets there.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "certificates.hpp"
#include "connection.hpp"
#include "loop.hpp"
#include "service.hpp"

namespace octo::origin {

// A socket address on the loopback; throws std::runtime_error for any other, so that a test never opens a port to the world.
struct Address {
  Address(const std::string &text, std::uint16_t port);

  sockaddr_storage storage{};
  socklen_t size = 0;
};

// One name on one address.
class Listener : public Watcher {
 public:
  using OnAccept = std::function<void(int descriptor, const Entrance &entrance)>;

  Listener(Loop &loop, Entrance entrance, OnAccept on_accept);
  ~Listener() override;

  // False when the port is taken on this address.
  bool bind(std::uint16_t port, bool may_share);
  bool listen(int backlog);
  void accept_connections();  // Begins to watch.

  // Refuses connections, keeps the port; and listens there again.
  void shut();
  bool open();

  std::uint16_t port() const { return port_; }
  const Entrance &entrance() const { return entrance_; }
  void on_events(std::uint32_t events) override;

 private:
  Loop &loop_;
  Entrance entrance_;
  OnAccept on_accept_;
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
  bool is_open_ = false;
};

class Listeners {
 public:
  Listeners(Loop &loop, const Certificates &certificates, std::vector<std::string> addresses);
  ~Listeners();

  // Binds everything; throws std::runtime_error when that cannot be done.
  void open_all(const Listener::OnAccept &on_data, const Listener::OnAccept &on_control);

  // Stops listening, or listens again; an empty address means all. False when there is no such listener or it cannot change.
  bool shut(const std::string &name, const std::string &address);
  bool open(const std::string &name, const std::string &address);

  // Port by name.
  const std::map<std::string, std::uint16_t> &ports() const { return ports_; }

 private:
  using Row = std::vector<std::unique_ptr<Listener>>;

  std::uint16_t open_row(const Entrance &entrance, const Listener::OnAccept &on_accept);
  bool try_row(const Entrance &entrance, const Listener::OnAccept &on_accept, Row &row);
  void fill_backlog(const Listener &listener);

  Loop &loop_;
  const Certificates &certificates_;
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<std::string, std::uint16_t> ports_;
  std::vector<int> fillers_;
};

}  // namespace octo::origin
