// All open data connections, and what they share: the loop and the service.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connection.hpp"

namespace octo::origin {

class Connections {
 public:
  Connections(Loop &loop, Service &service) : loop_(loop), service_(service) {}

  // Takes the descriptor of an accepted connection over. The entrance outlives it.
  void add(int descriptor, const Entrance &entrance);

  // The connection has ended: it is freed when the current pass of the loop is over.
  void remove(Connection &connection);

  // RST to all of them.
  void drop_all();

  std::size_t count() const { return open_.size(); }
  Loop &loop() { return loop_; }
  Service &service() { return service_; }

  // A buffer for the piece being made; its contents last until the next call.
  std::string &piece() {
    piece_.clear();
    return piece_;
  }

 private:
  Loop &loop_;
  Service &service_;
  std::vector<std::unique_ptr<Connection>> open_;
  std::string piece_;
  std::uint64_t last_number_ = 0;
};

}  // namespace octo::origin
