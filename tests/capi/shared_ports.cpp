// The function in front of libc's connect, for shared_ports.hpp.
#include "capi/shared_ports.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>

namespace octo_test {
namespace {

// Below the ports that Linux hands out by itself, and far above those of services.
constexpr std::uint32_t kPortFirst = 15'000;
constexpr std::uint32_t kPortCount = 15'000;
constexpr std::size_t kAddresses = 8;  // 127.0.0.0 to 127.0.0.7

std::atomic<bool> is_active{false};
std::mutex mutex;
std::array<std::uint32_t, kAddresses> next_port{};
std::array<std::uint8_t, kPortCount> used_by{};  // a bit for each address
std::uint64_t shared_count = 0;

// The connect of a port that the kernel still remembers a connection on fails; the next one may do.
bool bind_next(int fd, std::size_t address) {
  const std::lock_guard lock(mutex);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const std::uint32_t turn = next_port[address]++ % kPortCount;
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  local.sin_port = htons(static_cast<std::uint16_t>(kPortFirst + turn));
  if (::bind(fd, reinterpret_cast<const sockaddr *>(&local), sizeof local) != 0) return false;
  const auto bit = static_cast<std::uint8_t>(1U << address);
  if ((used_by[turn] & ~bit) != 0) ++shared_count;
  used_by[turn] = static_cast<std::uint8_t>(used_by[turn] | bit);
  return true;
}

int connect_for_real(int fd, const sockaddr *address, socklen_t size) {
  using Function = int (*)(int, const sockaddr *, socklen_t);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "connect"));
  return real(fd, address, size);
}

}  // namespace

SharedPorts::SharedPorts() {
  next_port = {};
  used_by = {};
  shared_count = 0;
  is_active = true;
}

SharedPorts::~SharedPorts() { is_active = false; }

std::uint64_t SharedPorts::shared() {
  const std::lock_guard lock(mutex);
  return shared_count;
}

}  // namespace octo_test

extern "C" int connect(int fd, const sockaddr *address, socklen_t size) {
  using namespace octo_test;
  if (is_active && address->sa_family == AF_INET) {
    const std::uint32_t ip = ntohl(reinterpret_cast<const sockaddr_in *>(address)->sin_addr.s_addr);
    constexpr int kTries = 64;
    for (int i = 0; i < kTries && (ip >> 3) == (INADDR_LOOPBACK >> 3) && !bind_next(fd, ip & 7U); ++i) {
    }
  }
  return connect_for_real(fd, address, size);
}
