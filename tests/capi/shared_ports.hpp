// Makes connections to different addresses share their local port: the executable's own connect stands in front of
// libc's and chooses the port.
//
// The n-th connection to each address begins at the same local port, as the kernel may do once there are many.
#pragma once

#include <cstdint>

namespace octo_test {

// While it lives, for connections to 127.0.0.0/8. One at a time.
class SharedPorts {
 public:
  SharedPorts();
  ~SharedPorts();
  SharedPorts(const SharedPorts &) = delete;
  SharedPorts &operator=(const SharedPorts &) = delete;

  // How many connections began at a port that another address had as well.
  static std::uint64_t shared();
};

}  // namespace octo_test
