// Reading /proc for process_state.hpp.
#include "capi/process_state.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <octofetch.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/fetching.hpp"

namespace octo_test {
namespace {

namespace files = std::filesystem;

std::string first_line(const files::path &path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

bool begins_with(const std::string &text, const std::string &prefix) { return text.rfind(prefix, 0) == 0; }

// A thread may end while it is read; then its files are empty.
std::vector<files::path> threads(const std::string &prefix) {
  std::vector<files::path> found;
  for (const auto &entry : files::directory_iterator("/proc/self/task")) {
    if (begins_with(first_line(entry.path() / "comm"), prefix)) found.push_back(entry.path());
  }
  return found;
}

// The first loop of a process leaves the pipe behind that libuv has for signals, whether or not it watches any.
void start_and_stop() {
  static bool is_done = false;
  if (is_done) return;
  is_done = true;
  fetch(open_client("http://127.0.0.1:1"), {"key"}, {1'000'000});
  octo_shutdown(10'000'000);
}

}  // namespace

std::size_t threads_named(const std::string &prefix) { return threads(prefix).size(); }

std::vector<std::string> thread_fields(const std::string &prefix, const std::string &field) {
  std::vector<std::string> values;
  for (const files::path &thread : threads(prefix)) {
    std::ifstream file(thread / "status");
    for (std::string line; std::getline(file, line);) {
      // So the kernel says of a thread that has ended and is listed still; of its signals zeros alone follow.
      if (line == "SigQ:\t0/0") break;
      if (begins_with(line, field + ":"))
        values.push_back(line.substr(line.find_first_not_of(" \t", field.size() + 1)));
    }
  }
  return values;
}

std::vector<int> sockets_to_port(int port) {
  std::vector<int> found;
  for (const auto &entry : files::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr *>(&peer), &size) != 0 || peer.sin_family != AF_INET) continue;
    if (ntohs(peer.sin_port) == port) found.push_back(fd);
  }
  return found;
}

pid_t only_child() {
  pid_t child = 0;
  for (const auto &entry : files::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // "pid (name) state parent": the name may hold anything but is followed by the last parenthesis.
    const std::string stat = first_line(entry.path() / "stat");
    const std::size_t end = stat.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream rest(stat.substr(end + 1));
    char state = 0;
    pid_t parent = 0;
    rest >> state >> parent;
    if (parent != ::getpid() || state == 'Z') continue;
    if (child != 0) return 0;
    child = std::stoi(name);
  }
  return child;
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Baseline::Baseline() {
  start_and_stop();
  descriptors_ = descriptor_count();
}

std::string Baseline::left_over() const {
  const octo_status stopped = octo_shutdown(10'000'000);
  std::ostringstream text;
  if (stopped != OCTO_OK) text << "octo_shutdown says " << octo_status_name(stopped) << "; ";
  // A thread is counted out of the library before the kernel has taken it down.
  for (int i = 0; i < 200 && threads_named("octo-") != 0; ++i) ::usleep(1000);
  if (const std::size_t left = threads_named("octo-"); left != 0) text << left << " threads of the library run on; ";
  if (const std::size_t now = descriptor_count(); now != descriptors_) {
    text << now << " descriptors instead of " << descriptors_ << "; ";
  }
  return text.str();
}

}  // namespace octo_test
