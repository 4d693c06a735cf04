// Reads the attempts of a batch as values of Python.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

namespace octo_python {

// Of a frozen batch that keeps them: a tuple of the members of octo_attempt for each.
pybind11::list read_attempts(octo_batch *batch);

}  // namespace octo_python
