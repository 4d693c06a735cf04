// The functions in front of libc's, for slow_locks.hpp.
#include "capi/slow_locks.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstring>

namespace octo_test {
namespace {

std::atomic<unsigned> held_us{0};
std::atomic<std::uint32_t> held{0};
std::atomic<std::uint32_t> opened{0};

// A handshake opens hundreds: holding each would keep the thread inside of OpenSSL for longer than a fork waits.
constexpr std::uint32_t kHeldOneOf = 64;

bool is_library_thread() noexcept {
  char name[16] = {};
  return ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 && std::strncmp(name, "octo-", 5) == 0;
}

void hold() noexcept {
  const unsigned us = held_us.load(std::memory_order_relaxed);
  if (us == 0 || !is_library_thread() || opened.fetch_add(1) % kHeldOneOf != 0) return;
  held.fetch_add(1);
  const timespec span{0, static_cast<long>(us) * 1000};
  ::nanosleep(&span, nullptr);
  held.fetch_sub(1);
}

}  // namespace

void hold_locks(unsigned us) noexcept { held_us = us; }

std::uint32_t locks_held() noexcept { return held.load(); }

}  // namespace octo_test

extern "C" int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
  octo_test::hold();
  static const auto real =
      reinterpret_cast<decltype(&pthread_rwlock_unlock)>(::dlsym(RTLD_NEXT, "pthread_rwlock_unlock"));
  return real(lock);
}
