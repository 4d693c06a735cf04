// What a fault must not leave behind in the process: its threads, its descriptors, its children.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace octo_test {

// Threads whose name begins with `prefix`: "octo-" for all of the library, "octo-dns" for lookups.
std::size_t threads_named(const std::string &prefix);
// The field of such a thread's status, such as "SigBlk", for each of them.
std::vector<std::string> thread_fields(const std::string &prefix, const std::string &field);

// Sockets of this process that are connected to this port.
std::vector<int> sockets_to_port(int port);

// The only child of this process; 0 when there is none or more than one.
pid_t only_child();

// Resident bytes of this process.
std::size_t resident_bytes();

// Descriptors and threads before a fault, and whether they are the same after octo_shutdown.
class Baseline {
 public:
  Baseline();
  // Stops the library's threads. "" when nothing is left over, else what is.
  std::string left_over() const;

 private:
  std::size_t descriptors_ = 0;
};

}  // namespace octo_test
