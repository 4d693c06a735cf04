// The function in front of libc's, for slow_lookup.hpp.
#include "deadline/slow_lookup.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <atomic>

namespace octo_bench {
namespace {

std::atomic<bool> sleeps{false};

}  // namespace

SlowLookup::SlowLookup(bool is_wanted) { sleeps.store(is_wanted); }

SlowLookup::~SlowLookup() {
  sleeps.store(false);
  sleeps.notify_all();
}

}  // namespace octo_bench

extern "C" int getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  if (octo_bench::sleeps.load()) {
    octo_bench::sleeps.wait(true);
    return EAI_AGAIN;
  }
  using Function = int (*)(const char *, const char *, const addrinfo *, addrinfo **);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
