// Starting, talking to and ending the origin, for origin_process.hpp.
#include "support/origin_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "origin/pattern.h"

extern char **environ;

namespace octo_test {
namespace {

std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (::read(fd, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

std::string write_script_file(const std::string &script) {
  char path[] = "/tmp/octo-script-XXXXXX";
  const int fd = ::mkstemp(path);
  if (fd < 0 || ::write(fd, script.data(), script.size()) != static_cast<ssize_t>(script.size())) {
    throw std::runtime_error("cannot write the origin's script");
  }
  ::close(fd);
  return path;
}

std::string field(const std::string &json, const std::string &name) {
  const std::string wanted = "\"" + name + "\":";
  std::size_t at = json.find(wanted);
  if (at == std::string::npos) throw std::runtime_error("the origin has no listener " + name);
  at += wanted.size();
  while (json[at] == ' ' || json[at] == '"') ++at;
  return json.substr(at, json.find_first_of(",}\"", at) - at);
}

}  // namespace

OriginProcess::OriginProcess(const std::string &script, const std::string &addresses) {
  // Close-on-exec, so that a test's other children do not hold the origin's standard input open.
  int to_origin[2];
  int from_origin[2];
  if (::pipe2(to_origin, O_CLOEXEC) != 0 || ::pipe2(from_origin, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe for the origin");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, to_origin[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, from_origin[1], 1);
  const std::string script_file = write_script_file(script);
  std::vector<std::string> arguments = {OCTO_ORIGIN_PROGRAM, "--script", script_file};
  if (!addresses.empty()) {
    arguments.push_back("--address");
    arguments.push_back(addresses);
  }
  std::vector<char *> raw;
  for (std::string &argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  if (::posix_spawn(&process_, OCTO_ORIGIN_PROGRAM, &actions, nullptr, raw.data(), environ) != 0) {
    throw std::runtime_error("cannot start the origin");
  }
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(to_origin[0]);
  ::close(from_origin[1]);
  stdin_fd_ = to_origin[1];
  ready_line_ = read_line(from_origin[0]);
  ::close(from_origin[0]);
  ::unlink(script_file.c_str());
  if (ready_line_.empty()) throw std::runtime_error("the origin did not start");
}

OriginProcess::~OriginProcess() {
  ::close(stdin_fd_);
  ::waitpid(process_, nullptr, 0);
}

std::uint16_t OriginProcess::port(const std::string &listener) const {
  return static_cast<std::uint16_t>(std::stoul(field(ready_line_, listener)));
}

std::string OriginProcess::url(const std::string &listener) const {
  const bool is_secure = listener.rfind("https", 0) == 0 || listener.rfind("tls", 0) == 0;
  return (is_secure ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port(listener));
}

std::string OriginProcess::ca_file() const { return field(ready_line_, "ca_file"); }

void OriginProcess::put_script(const std::string &script, bool drop_connections) const {
  const std::string reply = control("PUT", drop_connections ? "/script?drop=1" : "/script", script);
  if (reply.find(" 200 ") == std::string::npos && reply.find(" 204 ") == std::string::npos) {
    throw std::runtime_error("the origin refused its script: " + reply);
  }
}

std::string OriginProcess::control(const std::string &method, const std::string &path, const std::string &body) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port("control"));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot reach the origin's control port");
  }
  std::ostringstream request;
  request << method << ' ' << path << " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
          << "Content-Length: " << body.size() << "\r\n\r\n"
          << body;
  const std::string text = request.str();
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t size = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) break;
    sent += static_cast<std::size_t>(size);
  }
  std::string reply;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::recv(fd, buffer, sizeof buffer, 0)) > 0) {
    reply.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(fd);
  return reply;
}

std::uint64_t OriginProcess::counter(const std::string &name) const {
  const std::string report = control("GET", "/report.txt");
  const std::size_t at = report.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stoull(report.substr(at + name.size() + 2));
}

std::string pattern_body(const std::string &key, std::size_t size) {
  std::string body(size, '\0');
  octo_pattern_fill(octo_pattern_seed(key.data(), key.size()), 0, body.data(), size);
  return body;
}

}  // namespace octo_test
