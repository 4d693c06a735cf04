// octo-origin: a scripted, fault-injecting HTTP and HTTPS server on the loopback, for tests and benchmarks. README.md says what it
// can do. One process, one thread; it lives as long as the stdin of whoever started it.
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "certificates.hpp"
#include "connections.hpp"
#include "control.hpp"
#include "listeners.hpp"
#include "loop.hpp"
#include "options.hpp"
#include "service.hpp"

namespace octo::origin {

namespace {

// A file that exists as long as the object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string &directory, const std::string &content) : path_(directory + "/octo-origin-XXXXXX") {
    const int descriptor = mkstemp(path_.data());
    if (descriptor < 0) {
      throw std::runtime_error("--directory: cannot write in '" + directory + "': " + std::strerror(errno) +
                               "; name a folder that may be written");
    }
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    ::close(descriptor);
    if (written == static_cast<ssize_t>(content.size())) return;
    ::unlink(path_.c_str());
    throw std::runtime_error("--directory: '" + directory + "' is full; name another folder");
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  const std::string &path() const { return path_; }

 private:
  std::string path_;
};

// Ends the loop when stdin does, or when a signal asks for it.
class EndWatcher : public Watcher {
 public:
  explicit EndWatcher(Loop &loop) : loop_(loop) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    signals_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0 || !loop_.watch(signals_, EPOLLIN, *this)) throw std::runtime_error("signalfd failed");
    if (!loop_.watch(STDIN_FILENO, EPOLLIN | EPOLLRDHUP, *this)) {
      throw std::runtime_error("stdin is at its end already; start it with stdin a pipe that stays open");
    }
  }
  ~EndWatcher() override { ::close(signals_); }

  void on_events(std::uint32_t) override {
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof signal) > 0) {
      loop_.stop();
      return;
    }
    // Whatever is written to stdin is read and forgotten; its end is what counts. The loop said that it is readable.
    char ignored[256];
    if (::read(STDIN_FILENO, ignored, sizeof ignored) <= 0) loop_.stop();
  }

 private:
  Loop &loop_;
  int signals_ = -1;
};

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Script read_script_file(const std::string &path, Counters &counters) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("--script: cannot read '" + path + "'; name a JSON file");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return read_script(text, counters);
}

void run(const Options &options) {
  raise_descriptor_limit();
  Loop loop;
  EndWatcher end_watcher(loop);
  const Certificates certificates = make_certificates(options.addresses);
  Service service;
  if (!options.script_file.empty()) service.use(read_script_file(options.script_file, service.counters()));
  Connections connections(loop, service);
  Listeners listeners(loop, certificates, options.addresses);
  Control control(connections, listeners);
  listeners.open_all([&](int descriptor, const Entrance &entrance) { connections.add(descriptor, entrance); },
                     [&](int descriptor, const Entrance &) { control.accept(descriptor); });
  const TemporaryFile ca_file(options.directory, certificates.ca_pem);

  nlohmann::json ready = listeners.ports();
  ready["ca_file"] = ca_file.path();
  std::printf("%s\n", ready.dump().c_str());
  std::fflush(stdout);
  loop.run();
}

}  // namespace

}  // namespace octo::origin

int main(int count, char **arguments) {
  try {
    const octo::origin::Options options = octo::origin::read_options(count, arguments);
    if (options.is_help_wanted) {
      std::fputs(octo::origin::kUsage, stdout);
      return 0;
    }
    octo::origin::run(options);
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "octo-origin: %s\n", error.what());
    return 2;
  }
}
