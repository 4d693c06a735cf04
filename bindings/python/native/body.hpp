// A retained body as a Python object: its bytes through the buffer protocol, without a copy.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <utility>

namespace octo_python {

// Any thread; giving the last reference back frees the bytes.
class Body {
 public:
  explicit Body(octo_body *retained) noexcept : handle_(retained) {}
  Body(Body &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Body() { octo_body_release(handle_); }
  Body(const Body &) = delete;
  Body &operator=(const Body &) = delete;
  Body &operator=(Body &&) = delete;

  const char *data() const { return static_cast<const char *>(octo_body_data(handle_)); }
  size_t size() const { return octo_body_size(handle_); }

 private:
  octo_body *handle_;
};

void define_body(pybind11::module_ &module);

}  // namespace octo_python
