// The device and the thread behind bad_wire.hpp.
#include "capi/bad_wire.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace octo_test {
namespace {

constexpr char kDevice[] = "octobad0";
constexpr std::size_t kPacketMax = 2000;
// In an IPv4 header.
constexpr std::size_t kSourceAt = 12;
constexpr std::size_t kDestinationAt = 16;
constexpr std::size_t kAddressSize = 4;
constexpr std::size_t kHeaderMin = 20;

std::string last_error(const char *what) { return what + (": " + std::generic_category().message(errno)); }

bool enter_namespace() { return ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0; }

// One setting of one device.
class Device {
 public:
  explicit Device(const char *name) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    std::strncpy(request_.ifr_name, name, IFNAMSIZ - 1);
  }
  ~Device() { ::close(socket_); }
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  bool set_address(unsigned long what, const char *text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, text, &address.sin_addr);
    std::memcpy(&request_.ifr_addr, &address, sizeof address);
    return ::ioctl(socket_, what, &request_) == 0;
  }
  bool bring_up() {
    request_.ifr_flags = IFF_UP | IFF_RUNNING;
    return ::ioctl(socket_, SIOCSIFFLAGS, &request_) == 0;
  }

 private:
  const int socket_;
  ifreq request_{};
};

int open_tunnel() {
  const int tunnel = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (tunnel < 0) return -1;
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, kDevice, IFNAMSIZ - 1);
  if (::ioctl(tunnel, TUNSETIFF, &request) == 0) return tunnel;
  ::close(tunnel);
  return -1;
}

// Lets packets with loopback addresses pass over another device.
bool allow_loopback_addresses() {
  const int setting = ::open("/proc/sys/net/ipv4/conf/all/route_localnet", O_WRONLY | O_CLOEXEC);
  if (setting < 0) return false;
  const bool is_set = ::write(setting, "1", 1) == 1;
  ::close(setting);
  return is_set;
}

// 127.0.0.1 stays here, and the far address is behind the device.
bool route() {
  Device loopback("lo");
  Device device(kDevice);
  return loopback.bring_up() && loopback.set_address(SIOCSIFNETMASK, "255.255.255.255") && allow_loopback_addresses() &&
         device.set_address(SIOCSIFADDR, "127.0.0.1") && device.set_address(SIOCSIFDSTADDR, BadWire::kFarAddress) &&
         device.bring_up();
}

}  // namespace

std::unique_ptr<BadWire> BadWire::lay(std::string &why) {
  if (!enter_namespace()) {
    why = last_error("no network namespace");
    return nullptr;
  }
  const int tunnel = open_tunnel();
  if (tunnel < 0) {
    why = last_error("no TUN device");
    return nullptr;
  }
  if (!route()) {
    why = last_error("the TUN device cannot be set up");
    ::close(tunnel);
    return nullptr;
  }
  return std::unique_ptr<BadWire>(new BadWire(tunnel));
}

BadWire::BadWire(int tunnel) : tunnel_(tunnel), thread_([this] { run(); }) {}

BadWire::~BadWire() {
  is_over_ = true;
  thread_.join();
  ::close(tunnel_);
}

void BadWire::set(const Weather &weather) {
  const std::lock_guard lock(mutex_);
  weather_ = weather;
}

Weather BadWire::weather() {
  const std::lock_guard lock(mutex_);
  return weather_;
}

void BadWire::run() {
  while (!is_over_) {
    pollfd watched{tunnel_, POLLIN, 0};
    ::poll(&watched, 1, wait_ms());
    char buffer[kPacketMax];
    ssize_t size = 0;
    while ((size = ::read(tunnel_, buffer, sizeof buffer)) > 0) take(Packet(buffer, buffer + size));
    deliver_due();
  }
}

int BadWire::wait_ms() const {
  constexpr int kWaitMax_ms = 20;
  if (under_way_.empty()) return kWaitMax_ms;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(under_way_.begin()->first - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kWaitMax_ms));
}

void BadWire::take(Packet packet) {
  const bool is_ipv4 = packet.size() >= kHeaderMin && (packet[0] & 0xf0) == 0x40;
  if (!is_ipv4) return;
  const Weather now = weather();
  std::uniform_real_distribution<double> dice(0, 1);
  ++carried_;
  if (packet.size() > now.size_max || dice(random_) < now.lost) {
    ++lost_;
    return;
  }
  std::swap_ranges(packet.begin() + kSourceAt, packet.begin() + kSourceAt + kAddressSize,
                   packet.begin() + kDestinationAt);
  const int copies = dice(random_) < now.doubled ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const auto late = now.late_min + dice(random_) * (now.late_max - now.late_min);
    under_way_.emplace(Clock::now() + std::chrono::duration_cast<Clock::duration>(late), packet);
  }
}

void BadWire::deliver_due() {
  const auto now = Clock::now();
  while (!under_way_.empty() && under_way_.begin()->first <= now) {
    const Packet &packet = under_way_.begin()->second;
    // One that does not fit is one more that is lost.
    [[maybe_unused]] const ssize_t size = ::write(tunnel_, packet.data(), packet.size());
    under_way_.erase(under_way_.begin());
  }
}

}  // namespace octo_test
