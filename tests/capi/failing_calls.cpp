// The functions in front of libc's, for failing_calls.hpp.
#include "capi/failing_calls.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace octo_test {
namespace {

std::atomic<Call> failing{Call::none};
std::atomic<int> error_number{0};
std::atomic<int> successes_left{0};
std::atomic<int> failures{0};

bool fails(Call call) noexcept {
  if (failing.load() != call) return false;
  if (successes_left.fetch_sub(1) > 0) return false;
  failures.fetch_add(1);
  errno = error_number.load();
  return true;
}

template <typename Function>
Function *real(const char *name) noexcept {
  return reinterpret_cast<Function *>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

void fail_calls(Call call, int error, int successes) noexcept {
  error_number = error;
  successes_left = successes;
  failures = 0;
  failing = call;
}

void let_calls_succeed() noexcept { failing = Call::none; }

int failed_calls() noexcept { return failures.load(); }

}  // namespace octo_test

extern "C" {

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  if (octo_test::fails(octo_test::Call::pthread_create)) return errno;
  static const auto call = octo_test::real<decltype(pthread_create)>("pthread_create");
  return call(thread, attributes, body, argument);
}

int eventfd(unsigned count, int flags) {
  if (octo_test::fails(octo_test::Call::eventfd)) return -1;
  static const auto call = octo_test::real<decltype(eventfd)>("eventfd");
  return call(count, flags);
}

int epoll_create1(int flags) {
  if (octo_test::fails(octo_test::Call::epoll_create)) return -1;
  static const auto call = octo_test::real<decltype(epoll_create1)>("epoll_create1");
  return call(flags);
}
}
