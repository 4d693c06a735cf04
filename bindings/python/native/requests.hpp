// Turns the keys of a batch, as Python gives them, into octo_request.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <vector>

namespace octo_python {

// Points into the objects of `keys`, which must outlive it.
std::vector<octo_request> to_requests(const pybind11::tuple &keys);

// The UTF-8 of a str, which lives as long as the str does.
const char *utf8_of(pybind11::handle text);

}  // namespace octo_python
