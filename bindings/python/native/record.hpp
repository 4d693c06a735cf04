// How a result crosses into Python: one tuple of four plain values, which Python unpacks when somebody looks.
// 25 attributes for each of 100 keys would be most of what a batch costs the thread that holds the interpreter's lock.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <optional>
#include <string>
#include <vector>

#include "body.hpp"

namespace octo_python {

// Copied from octo_result without the interpreter's lock; owns everything it has.
struct Record {
  octo_status status = OCTO_OK;
  std::string numbers;  // struct "=iiIII10Q", in the order of octofetch/records.py
  std::string texts;    // message, address, error_code, request_id, extended_request_id, then header names and values
  std::optional<Body> body;
};

// The results from `first` on. A refusal of the library is thrown.
std::vector<Record> read_records(octo_batch *batch, size_t first, size_t count);

// (status, numbers, texts, Body or None); takes the body out of the record.
pybind11::tuple to_tuple(Record &record);

}  // namespace octo_python
