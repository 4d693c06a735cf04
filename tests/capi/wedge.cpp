// The functions in front of libc's, for wedge.hpp.
#include "capi/wedge.hpp"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include <atomic>
#include <cstring>

namespace octo_test {
namespace {

std::atomic<WedgePoint> armed{WedgePoint::none};
std::atomic<bool> sitting{false};

void sleep_ms(long ms) noexcept {
  const timespec span{ms / 1000, (ms % 1000) * 1'000'000};
  ::nanosleep(&span, nullptr);
}

// Not by thread_local: its first use may allocate, and this runs inside malloc.
bool is_library_thread() noexcept {
  char name[16] = {};
  return ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 && std::strncmp(name, "octo-", 5) == 0;
}

void pass(WedgePoint point) noexcept {
  if (armed.load(std::memory_order_relaxed) != point || !is_library_thread()) return;
  WedgePoint expected = point;
  sitting.store(true);
  for (int waited_ms = 0; waited_ms < 5000 && armed.load() == expected; waited_ms += 5) sleep_ms(5);
  sitting.store(false);
}

}  // namespace

const char *name_of(WedgePoint point) noexcept {
  switch (point) {
    case WedgePoint::receive: return "a_transport_callback";
    case WedgePoint::lookup: return "a_lookup";
    case WedgePoint::allocation: return "an_allocation";
    case WedgePoint::none: break;
  }
  return "nothing";
}

void wedge(WedgePoint point) noexcept { armed.store(point); }

bool is_wedged() noexcept {
  for (int waited_ms = 0; waited_ms < 5000 && !sitting.load(); ++waited_ms) sleep_ms(1);
  return sitting.load();
}

void unwedge() noexcept {
  armed.store(WedgePoint::none);
  while (sitting.load()) sleep_ms(1);
}

}  // namespace octo_test

extern "C" {

void *__libc_malloc(size_t size);

void *malloc(size_t size) {
  octo_test::pass(octo_test::WedgePoint::allocation);
  return __libc_malloc(size);
}

ssize_t recv(int fd, void *buffer, size_t size, int flags) {
  octo_test::pass(octo_test::WedgePoint::receive);
  return ::recvfrom(fd, buffer, size, flags, nullptr, nullptr);
}

int getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  octo_test::pass(octo_test::WedgePoint::lookup);
  using Function = int (*)(const char *, const char *, const addrinfo *, addrinfo **);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
}
