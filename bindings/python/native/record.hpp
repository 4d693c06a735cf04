// One result as Python holds it: the type octofetch._core.Record, whose subclass octofetch.Result says what it means.
//
// Written on Python's own C API and not with pybind11, which takes longer to make an object and to enter a method than
// everything else that a key costs. What is packed, Python unpacks when somebody looks. A record needs neither batch nor
// client, so that it can be pickled, read in a forked child and kept by itself.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

namespace octo_python {

// What results of a batch are made of, copied without the interpreter's lock. Bodies are retained until they are taken.
class Readout {
 public:
  // A refusal of the library is thrown.
  Readout(octo_batch *batch, size_t first, size_t count);
  ~Readout();
  Readout(Readout &&other) noexcept = default;
  Readout(const Readout &) = delete;
  Readout &operator=(const Readout &) = delete;
  Readout &operator=(Readout &&) = delete;

  // Of all its bodies.
  size_t body_bytes() const { return body_bytes_; }
  // A new object of `type`, which derives from Record, for the result at `index`. Takes the body.
  pybind11::object make(size_t index, PyTypeObject *type, pybind11::handle key, uint64_t size_max);

 private:
  std::vector<octo_result> results_;
  size_t body_bytes_ = 0;
  std::string texts_;                // of all of them
  std::vector<size_t> texts_begin_;  // of each of them, and the end
};

void define_record(pybind11::module_ &module);

}  // namespace octo_python
