/* Makes a program believe that it is later than it is: LD_PRELOAD=…/clock_shift.so CLOCK_SHIFT_S=3600 program.
 * The wall clock alone is moved; deadlines are counted on another. For store_test.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int clock_function(clockid_t, struct timespec *);

int clock_gettime(clockid_t clock, struct timespec *time) {
  clock_function *real = NULL;
  *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int status = real(clock, time);
  const char *shift = getenv("CLOCK_SHIFT_S");
  if (status == 0 && clock == CLOCK_REALTIME && shift != NULL) time->tv_sec += atol(shift);
  return status;
}
