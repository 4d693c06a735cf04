// A batch as Python sees it: what octofetch.h offers for octo_batch, in calls that cross into the library once.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>

namespace octo_python {

struct FreeBatch {
  void operator()(octo_batch *batch) const { octo_batch_free(batch); }
};
using OwnedBatch = std::unique_ptr<octo_batch, FreeBatch>;

// Any thread that holds the interpreter's lock.
class Batch {
 public:
  // `requests` are what it was submitted with, for the keys of its results.
  Batch(OwnedBatch owned, pybind11::tuple requests, bool keeps_attempts);
  ~Batch();
  Batch(const Batch &) = delete;
  Batch &operator=(const Batch &) = delete;

  // Waits in slices, so that Ctrl-C works; the status of octo_batch_wait.
  octo_status wait(uint64_t wait_us);
  // The results of a frozen batch as objects of `type`, which derives from Record.
  pybind11::list results(const pybind11::type &type, uint64_t size_max);
  // Waits for one settled result at most wait_us, and takes all that have settled: (status, [(index, result), ...]).
  pybind11::tuple take_settled(const pybind11::type &type, uint64_t size_max, uint64_t wait_us);
  // Nothing of it will change any more. Cheaper than describe, which counts.
  bool is_frozen();
  // (state, settled, ok, missing, late, failed, budget_us, frozen_us, pickup_lag_us, body_size)
  pybind11::tuple describe();
  pybind11::str explain(int32_t format);
  // As read_attempts; None of a batch that keeps none.
  pybind11::object attempts();
  void cancel();
  void free();

  size_t size() const { return requests_.size(); }

 private:
  octo_batch *handle_;
  pybind11::tuple requests_;
  const bool keeps_attempts_;
};

// How many batches of this process may still run, as far as Python has seen; 0 means that a fork disturbs none.
size_t count_running_batches();

void define_batch(pybind11::module_ &module);

}  // namespace octo_python
