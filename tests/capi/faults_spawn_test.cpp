// A host that runs other programs while 50 fetches are in flight: nothing of its fetches breaks, and no descriptor of the
// library passes on. Rows 69 and 70 of the fault catalogue.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <octofetch.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <sstream>
#include <thread>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

extern char **environ;

namespace octo_test {
namespace {

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000}, "paths": {"/slow/*": {"size": 3000, "delay_ms": 15},
                               "/never/*": {"fault": {"type": "stall_before_headers"}}}})";

enum class Way { fork, vfork, posix_spawn };

// A raw argument list of constant words; the array outlives the call.
using Words = std::array<char *, 4>;

[[noreturn]] void become(const Words &words, int stdout_fd) {
  if (stdout_fd >= 0) ::dup2(stdout_fd, 1);
  ::execv(words[0], words.data());
  ::_exit(127);
}

// The number of a process that runs the program, its output in the descriptor unless that is -1.
pid_t run(Way way, const Words &words, int stdout_fd) {
  pid_t process = -1;
  if (way == Way::posix_spawn) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    if (stdout_fd >= 0) ::posix_spawn_file_actions_adddup2(&actions, stdout_fd, 1);
    ::posix_spawn(&process, words[0], &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    return process;
  }
  if (way == Way::fork) {
    process = ::fork();
    if (process == 0) become(words, stdout_fd);
    return process;
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  process = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork): hosts use it
#pragma GCC diagnostic pop
  if (process == 0) become(words, stdout_fd);
  return process;
}

bool has_succeeded(pid_t process) {
  int status = -1;
  return ::waitpid(process, &status, 0) == process && status == 0;
}

std::string way_name(const testing::TestParamInfo<Way> &way) {
  switch (way.param) {
    case Way::fork: return "fork";
    case Way::vfork: return "vfork";
    case Way::posix_spawn: return "posix_spawn";
  }
  return "";
}

class faults_spawn_test : public testing::TestWithParam<Way> {
 protected:
  Client open_secure() const {
    return open_client("https://localhost:" + std::to_string(origin_.port("https")),
                       {{"tls.ca_file", origin_.ca_file()}});
  }

  const OriginProcess origin_{kScript};
};

TEST_P(faults_spawn_test, row_69_200_programs_started_while_50_fetches_run_break_nothing) {
  const Client plain = open_client(origin_.url());
  const Client secure = open_secure();
  const Words words = {const_cast<char *>("/bin/true"), nullptr, nullptr, nullptr};
  const auto keys = numbered_keys("slow/", 50);
  int started = 0;
  while (started < 200) {
    const Batch batch = submit(plain, keys, {kBudget_us});
    const Batch secure_batch = submit(secure, keys, {kBudget_us});
    for (int i = 0; i < 20; ++i, ++started) EXPECT_TRUE(has_succeeded(run(GetParam(), words, -1)));
    for (const Batch *one : {&batch, &secure_batch}) {
      std::string why;
      EXPECT_EQ(octo_batch_wait(one->get(), OCTO_WAIT_FOREVER), OCTO_OK);
      EXPECT_TRUE(all_right(keys, results(*one), kSize, why)) << why;
    }
  }
}

// What a program that is started now finds open, but for standard input, output and error, and what it opens itself.
std::map<int, std::string> inherited(Way way) {
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const Words words = {const_cast<char *>("/bin/ls"), const_cast<char *>("-l"), const_cast<char *>("/proc/self/fd"),
                       nullptr};
  const pid_t process = run(way, words, output[1]);
  ::close(output[1]);
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(output[0], buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(size));
  ::close(output[0]);
  EXPECT_TRUE(has_succeeded(process));
  std::map<int, std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t arrow = line.find(" -> ");
    if (arrow == std::string::npos) continue;
    const int fd = std::stoi(line.substr(line.rfind(' ', arrow - 1) + 1));
    const std::string target = line.substr(arrow + 4);
    if (fd > 2 && target.rfind("/proc/", 0) != 0) found[fd] = target;
  }
  return found;
}

// A pair that libcurl before 8.10 makes for itself, once a multi, and asks nobody about. It carries nothing.
bool is_libcurls_pair(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  return ::getsockname(fd, reinterpret_cast<sockaddr *>(&name), &size) == 0 && name.ss_family == AF_UNIX;
}

TEST_P(faults_spawn_test, row_70_a_program_finds_no_descriptor_of_the_library_open) {
  const auto before = inherited(GetParam());
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  for (int round = 0; round < 10; ++round) {
    // Each with a lookup, handshakes and requests under way.
    const Client plain = open_client("http://localhost:" + std::to_string(origin_.port("http")));
    const Client secure = open_secure();
    const Batch waiting = submit(plain, numbered_keys("never/", 50), {kBudget_us, raw});
    const Batch secure_waiting = submit(secure, numbered_keys("never/", 50), {kBudget_us, raw});
    std::this_thread::sleep_for(std::chrono::milliseconds(round * 5));
    std::size_t pairs = 0;
    for (const auto &[fd, target] : inherited(GetParam())) {
      if (before.contains(fd)) continue;
      EXPECT_TRUE(is_libcurls_pair(fd)) << fd << " -> " << target;
      ++pairs;
    }
    EXPECT_LE(pairs, 4U) << "two for each multi";
    EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
  }
  EXPECT_EQ(inherited(GetParam()), before);
}

INSTANTIATE_TEST_SUITE_P(by, faults_spawn_test, testing::Values(Way::fork, Way::vfork, Way::posix_spawn), way_name);

}  // namespace
}  // namespace octo_test
