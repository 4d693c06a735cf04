// A forked child of a test: it does one thing, its exit status says how that went, and it cannot outstay its welcome.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace octo_test {

enum class Ending { at_once, with_exit_handlers };

class Child {
 public:
  // Forks; the child ends with what `body` answers. Its alarm ends it after 30 s.
  explicit Child(const std::function<int()> &body, Ending ending = Ending::at_once);
  // One that was never waited for is ended.
  ~Child();
  Child(Child &&other) noexcept;
  Child &operator=(Child &&) = delete;

  pid_t process() const { return process_; }
  // How long fork() took here.
  std::chrono::microseconds fork_took() const { return fork_took_; }
  // What it exits with; -1 when a signal or the patience ended it.
  int wait(std::chrono::milliseconds patience = std::chrono::milliseconds(40'000));

 private:
  std::chrono::microseconds fork_took_{};
  pid_t process_ = -1;
};

// True in a child of fork.
bool is_child() noexcept;

}  // namespace octo_test
