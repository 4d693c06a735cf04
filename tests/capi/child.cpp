// Forking and waiting for child.hpp.
#include "capi/child.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>
#include <utility>

namespace octo_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kLifeMax_s = 30;

bool is_forked = false;

[[noreturn]] void live(const std::function<int()> &body, Ending ending) {
  is_forked = true;
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(kLifeMax_s);
  int answer = 99;
  try {
    answer = body();
  } catch (const std::exception &trouble) {
    std::fprintf(stderr, "child: %s\n", trouble.what());
  }
  if (ending == Ending::with_exit_handlers) std::exit(answer);
  ::_exit(answer);
}

}  // namespace

Child::Child(const std::function<int()> &body, Ending ending) {
  // What is buffered here would be written by each child that flushes at exit.
  std::fflush(nullptr);
  const auto start = Clock::now();
  process_ = ::fork();
  if (process_ == 0) live(body, ending);
  fork_took_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

Child::Child(Child &&other) noexcept : fork_took_(other.fork_took_), process_(std::exchange(other.process_, -1)) {}

Child::~Child() {
  if (process_ > 0) wait(std::chrono::milliseconds(0));
}

int Child::wait(std::chrono::milliseconds patience) {
  const pid_t process = std::exchange(process_, -1);
  int status = 0;
  const auto until = Clock::now() + patience;
  while (::waitpid(process, &status, WNOHANG) == 0) {
    if (Clock::now() > until) {
      ::kill(process, SIGKILL);
      ::waitpid(process, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_child() noexcept { return is_forked; }

}  // namespace octo_test

// A child leaks what its parent's threads held, and says so to nobody. Only the leak sanitizer asks.
extern "C" int __lsan_is_turned_off() { return octo_test::is_child() ? 1 : 0; }
