// fork, exec and wait4 for child.hpp.
#include "core/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace octo_bench {
namespace {

constexpr int kNotFound = 127;

double seconds(const timeval &span) {
  return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) / 1e6;
}

[[noreturn]] void become(char **words, int output_fd, std::optional<int> core) {
  ::dup2(output_fd, STDOUT_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  if (core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(*core), &cores);
    ::sched_setaffinity(0, sizeof cores, &cores);
  }
  ::execvp(words[0], words);
  ::_exit(kNotFound);
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Child::Child(const std::vector<std::string> &words, std::optional<int> core) {
  std::vector<std::string> copies = words;
  std::vector<char *> raw;
  for (std::string &word : copies) raw.push_back(word.data());
  raw.push_back(nullptr);
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "no pipe");
  process_ = ::fork();
  if (process_ == 0) become(raw.data(), pipe_fds[1], core);
  ::close(pipe_fds[1]);
  output_fd_ = pipe_fds[0];
  if (process_ < 0) throw std::runtime_error("cannot start " + words[0]);
}

Child::~Child() {
  if (output_fd_ >= 0) ::close(output_fd_);
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

ChildEnd Child::wait() {
  ChildEnd end;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(output_fd_, buffer, sizeof buffer)) != 0) {
    if (size > 0) end.output.append(buffer, static_cast<std::size_t>(size));
    if (size < 0 && errno != EINTR) break;
  }
  int status = 0;
  rusage usage{};
  ::wait4(std::exchange(process_, -1), &status, 0, &usage);
  end.exit_code = exit_code_of(status);
  end.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return end;
}

bool Child::has_ended() {
  if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  return process_ <= 0;
}

ChildEnd run_child(const std::vector<std::string> &words, std::optional<int> core) {
  ChildEnd end = Child(words, core).wait();
  if (end.exit_code == kNotFound) throw std::runtime_error("there is no program " + words[0]);
  if (end.exit_code != 0) throw std::runtime_error(fmt::format("{} ended with {}", words[0], end.exit_code));
  return end;
}

std::vector<int> allowed_cores() {
  std::vector<int> cores;
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &allowed)) cores.push_back(core);
  }
  return cores;
}

}  // namespace octo_bench
