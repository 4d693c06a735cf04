// Writing nginx's files and starting it, for nginx.hpp.
#include "core/nginx.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "core/contenders/byte_sum.hpp"
#include "core/contenders/task.hpp"
#include "origin/pattern.h"

namespace octo_bench {
namespace {

constexpr std::chrono::milliseconds kPoll{10};
constexpr int kPollsMax = 500;

// One process that serves, so that pinning it pins all. Objects stay open in it; nothing is logged; no connection ends
// for having served too much. Temporary folders are its own even where they are not used, as nginx makes them at start.
constexpr char kConfiguration[] = R"(
daemon off;
master_process off;
pid {0}/pid;
error_log {0}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {0}/temporary;
  proxy_temp_path {0}/temporary;
  fastcgi_temp_path {0}/temporary;
  uwsgi_temp_path {0}/temporary;
  scgi_temp_path {0}/temporary;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=4096 inactive=1d;
  open_file_cache_valid 1d;
  keepalive_requests 1000000000;
  keepalive_timeout 1d;
  default_type application/octet-stream;
  server {{
    listen 127.0.0.1:{1} backlog=4096;
    listen 127.0.0.1:{2} ssl backlog=4096;
    ssl_certificate {0}/certificate.pem;
    ssl_certificate_key {0}/key.pem;
    ssl_protocols TLSv1.3;
    root {0}/objects;
    location /{3}/ {{ alias {0}/objects/; }}
  }}
}}
)";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Free at this moment; nginx cannot choose one by itself and say which.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool is_bound = ::bind(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0 &&
                        ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0;
  ::close(fd);
  if (!is_bound) throw std::runtime_error("no free port on the loopback");
  return ntohs(address.sin_port);
}

bool accepts(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool is_open = ::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
  ::close(fd);
  return is_open;
}

void make_certificate(const std::filesystem::path &folder) {
  // It is chatty on stderr also when all is well.
  run_child({"sh",
             "-c",
             "exec openssl \"$@\" 2>/dev/null",
             "sh",
             "req",
             "-x509",
             "-newkey",
             "ec",
             "-pkeyopt",
             "ec_paramgen_curve:P-256",
             "-nodes",
             "-days",
             "7",
             "-subj",
             "/CN=octofetch benchmark",
             "-addext",
             "subjectAltName=IP:127.0.0.1",
             "-batch",
             "-keyout",
             (folder / "key.pem").string(),
             "-out",
             (folder / "certificate.pem").string()});
}

}  // namespace

Nginx::Nginx(std::optional<int> core) {
  std::string name = (std::filesystem::temp_directory_path() / "octofetch-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder for nginx");
  folder_ = name;
  port_ = free_port();
  secure_port_ = free_port();
  write_objects();
  make_certificate(folder_);
  write_configuration();
  const std::string prefix = folder_.string();
  process_ = std::make_unique<Child>(
      std::vector<std::string>{"nginx", "-p", prefix, "-c", prefix + "/nginx.conf", "-e", prefix + "/error.log"}, core);
  for (int polls = 0; !accepts(port_) || !accepts(secure_port_); ++polls) {
    if (process_->has_ended() || polls == kPollsMax) throw std::runtime_error("nginx did not start");
    std::this_thread::sleep_for(kPoll);
  }
}

Nginx::~Nginx() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Nginx::write_objects() {
  std::filesystem::create_directory(folder_ / "objects");
  std::array<char, kObjectBytes - 1> bytes{};
  ::octo_pattern_fill(1, 0, bytes.data(), bytes.size());
  std::replace(bytes.begin(), bytes.end(), '\0', '\1');
  object_byte_sum_ = byte_sum(bytes.data(), bytes.size());
  for (std::size_t i = 0; i < kObjects; ++i) {
    std::ofstream file(folder_ / "objects" / object_name(i), std::ios::binary);
    file.write(bytes.data() + i, static_cast<std::streamsize>(bytes.size() - i));
    file.write(bytes.data(), static_cast<std::streamsize>(i));
    file.put('\0');
    if (!file.flush()) throw std::runtime_error("cannot write the objects");
  }
}

void Nginx::write_configuration() const {
  std::ofstream file(folder_ / "nginx.conf");
  file << fmt::format(kConfiguration, folder_.string(), port_, secure_port_, kBucket);
  if (!file.flush()) throw std::runtime_error("cannot write nginx's configuration");
}

std::string Nginx::url(bool is_secure) const {
  return fmt::format("{}://127.0.0.1:{}", is_secure ? "https" : "http", is_secure ? secure_port_ : port_);
}

// It tells its version on stderr alone.
std::string Nginx::version() {
  const std::string said = run_child({"sh", "-c", "nginx -v 2>&1"}).output;
  const std::size_t at = said.find('/');
  return at == std::string::npos ? "unknown" : said.substr(at + 1, said.find_first_of(" \n", at) - at - 1);
}

}  // namespace octo_bench
