// pthreads behind os_thread.hpp.
#include "base/os_thread.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/clock.hpp"
#include "base/os_futex.hpp"

namespace octo {
namespace {

std::atomic<std::uint32_t> running{0};
std::atomic<bool> exiting{false};

void count_out() noexcept {
  running.fetch_sub(1, std::memory_order_release);
  futex_wake_all(running);
}

struct Start {
  void (*body)(void *);
  void *context;
  char name[16];
};

void *thread_main(void *argument) {
  auto *start = static_cast<Start *>(argument);
  const Start copy = *start;
  std::free(start);
#if defined(__linux__)
  ::pthread_setname_np(::pthread_self(), copy.name);
#endif
  copy.body(copy.context);
  count_out();
  return nullptr;
}

void block_signals(sigset_t *before) noexcept {
  sigset_t blocked;
  ::sigfillset(&blocked);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) ::sigdelset(&blocked, fault);
  ::pthread_sigmask(SIG_SETMASK, &blocked, before);
}

bool create_detached(std::size_t stack_bytes, Start *start) noexcept {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  ::pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread{};
  const int answer = ::pthread_create(&thread, &attributes, thread_main, start);
  ::pthread_attr_destroy(&attributes);
  return answer == 0;
}

}  // namespace

bool start_thread(const char *name, std::size_t stack_bytes, void (*body)(void *), void *context) noexcept {
  auto *start = static_cast<Start *>(std::malloc(sizeof(Start)));
  if (start == nullptr) return false;
  *start = {body, context, {}};
  for (std::size_t i = 0; i + 1 < sizeof(start->name) && name[i] != '\0'; ++i) {
    start->name[i] = name[i];
  }
  running.fetch_add(1, std::memory_order_relaxed);
  // The new thread inherits the mask, so a signal never finds it with signals open.
  sigset_t before;
  block_signals(&before);
  const bool created = create_detached(stack_bytes, start);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!created) {
    running.fetch_sub(1, std::memory_order_release);
    std::free(start);
  }
  return created;
}

std::uint32_t threads_running() noexcept { return running.load(std::memory_order_acquire); }

bool wait_for_threads(Instant until) noexcept {
  while (true) {
    const std::uint32_t count = running.load(std::memory_order_acquire);
    if (count == 0) return true;
    if (system_clock().now() >= until) return false;
    futex_wait(running, count, until);
  }
}

void begin_exit() noexcept { exiting.store(true, std::memory_order_release); }

bool is_exiting() noexcept { return exiting.load(std::memory_order_acquire); }

void park_for_exit() noexcept {
  count_out();
  while (true) ::pause();
}

void forget_threads() noexcept {
  running.store(0, std::memory_order_relaxed);
  exiting.store(false, std::memory_order_relaxed);
}

}  // namespace octo
