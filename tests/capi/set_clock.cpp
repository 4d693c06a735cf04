// The functions in front of libc's, for set_clock.hpp.
#include "capi/set_clock.hpp"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace octo_test {
namespace {

std::atomic<std::int64_t> offset_s{0};

}  // namespace

void set_clock(std::chrono::seconds offset) noexcept { offset_s = offset.count(); }

}  // namespace octo_test

extern "C" {

int clock_gettime(clockid_t clock, timespec *now) {
  const long answer = ::syscall(SYS_clock_gettime, clock, now);
  if (answer == 0 && clock == CLOCK_REALTIME) now->tv_sec += octo_test::offset_s.load();
  return static_cast<int>(answer);
}

time_t time(time_t *now) {
  timespec spec{};
  clock_gettime(CLOCK_REALTIME, &spec);
  if (now != nullptr) *now = spec.tv_sec;
  return spec.tv_sec;
}

int gettimeofday(timeval *now, void *) {
  timespec spec{};
  clock_gettime(CLOCK_REALTIME, &spec);
  *now = {spec.tv_sec, spec.tv_nsec / 1000};
  return 0;
}
}
