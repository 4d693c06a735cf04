// Leaves the interpreter for calls that wait, and comes back unless the interpreter is ending.
// pybind11's own guard is not used: a thread that asks for the lock while the interpreter ends is unwound inside of its
// destructor, which ends the process with an abort.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>

namespace octo_python {

// For the life of this object the thread does not hold the interpreter's lock.
class WithoutGil {
 public:
  WithoutGil() : state_(PyEval_SaveThread()) {}
  ~WithoutGil();
  WithoutGil(const WithoutGil &) = delete;
  WithoutGil &operator=(const WithoutGil &) = delete;

 private:
  PyThreadState *state_;
};

// Called at exit, with the lock held: from now on a thread that comes back from a wait stays outside for ever.
void keep_threads_outside();

// How long a wait may keep Ctrl-C waiting: half of the 100 ms that are promised.
inline constexpr uint64_t kSliceUs = 50'000;

// Calls `wait_for(slice_us)`, without the lock, until it answers something else than AGAIN or wait_us is over, and lets
// Python's signal handlers run in between.
template <class WaitFor>
octo_status wait_in_slices(uint64_t wait_us, WaitFor wait_for) {
  const uint64_t begun_ns = octo_now_ns();
  for (;;) {
    octo_status status = OCTO_OK;
    bool is_over = false;
    {
      const WithoutGil outside;
      const uint64_t spent_us = (octo_now_ns() - begun_ns) / 1000;
      status = wait_for(std::min(kSliceUs, wait_us - std::min(wait_us, spent_us)));
      is_over = (octo_now_ns() - begun_ns) / 1000 >= wait_us;
    }
    if (status != OCTO_AGAIN || is_over) return status;
    if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
  }
}

}  // namespace octo_python
