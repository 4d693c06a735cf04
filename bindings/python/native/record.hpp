// One result as Python holds it: the type octofetch._core.Record, whose subclass octofetch.Result says what it means.
//
// Written on Python's own C API and not with pybind11, which takes longer to make an object and to enter a method than
// everything else that a key costs. What is packed, Python unpacks when somebody looks. A record needs neither batch nor
// client, so that it can be pickled, read in a forked child and kept by itself.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

namespace octo_python {

// A new object of `type`, which derives from Record. The body is retained; nothing else of `result` is needed afterwards.
pybind11::object make_record(const octo_result &result, PyTypeObject *type, pybind11::handle key, uint64_t size_max);

void define_record(pybind11::module_ &module);

}  // namespace octo_python
