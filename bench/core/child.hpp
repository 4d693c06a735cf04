// A program that the benchmark starts: on a core of its own where that is wished, read to its end, and gone with the
// benchmark. One thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace octo_bench {

// How a program ended, and what it used in its whole life.
struct ChildEnd {
  int exit_code = 0;   // 128 and the number, for a signal
  std::string output;  // stdout
  double cpu_s = 0;    // user and system
};

class Child {
 public:
  // `words[0]` is looked for in PATH. Throws when it cannot be started.
  explicit Child(const std::vector<std::string> &words, std::optional<int> core = std::nullopt);
  // Ends it with SIGTERM, if it runs still.
  ~Child();
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;

  // Once: reads what it prints until it has ended.
  ChildEnd wait();
  bool has_ended();

 private:
  pid_t process_ = -1;
  int output_fd_ = -1;
};

// Runs a program to its end; throws, naming it, when that is no success.
ChildEnd run_child(const std::vector<std::string> &words, std::optional<int> core = std::nullopt);

// The cores that this process may use, in ascending order.
std::vector<int> allowed_cores();

}  // namespace octo_bench
