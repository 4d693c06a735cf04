// Turns the keys of a batch, as Python gives them, into octo_request.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <vector>

namespace octo_python {

// The requests of a batch, which point into the objects they were made of.
class Requests {
 public:
  // Each of `given` is a key, str or bytes, or a Get of octofetch/request.py, whose fields() tell it. `given` must
  // outlive this.
  explicit Requests(const pybind11::tuple &given);

  const octo_request *data() const { return requests_.data(); }
  size_t size() const { return requests_.size(); }

 private:
  std::vector<octo_request> requests_;
  std::vector<pybind11::tuple> fields_;  // of those that are a Get
};

// The key of one of them.
pybind11::object key_of(pybind11::handle request);

// The UTF-8 of a str, which lives as long as the str does.
const char *utf8_of(pybind11::handle text);

}  // namespace octo_python
