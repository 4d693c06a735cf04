// The function in front of libc's, for watched_free.hpp.
#include "capi/watched_free.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>

namespace octo_test {
namespace {

std::atomic<const void *> watched{nullptr};
std::atomic<pid_t> freeing_thread{0};

}  // namespace

void watch_free(const void *block) noexcept {
  freeing_thread = 0;
  watched = block;
}

pid_t freed_by() noexcept { return freeing_thread; }

}  // namespace octo_test

extern "C" void free(void *block) noexcept {
  using Free = void (*)(void *);
  static const auto real = reinterpret_cast<Free>(::dlsym(RTLD_NEXT, "free"));
  const void *expected = block;
  if (block != nullptr && octo_test::watched.compare_exchange_strong(expected, nullptr)) {
    octo_test::freeing_thread = ::gettid();
  }
  real(block);
}
