// The Python type octofetch._core.Body.
#include "body.hpp"

namespace py = pybind11;

namespace octo_python {

namespace {

py::buffer_info buffer_of(const Body &body) {
  // An empty body has no address, and a buffer must have one.
  static constexpr char kNothing = 0;
  const char *data = body.size() == 0 ? &kNothing : body.data();
  return py::buffer_info(reinterpret_cast<const uint8_t *>(data), static_cast<py::ssize_t>(body.size()), true);
}

}  // namespace

void define_body(py::module_ &module) {
  py::class_<Body>(module, "Body", py::buffer_protocol(), "The bytes of a body, shared with the library; read-only.")
      .def_buffer(&buffer_of)
      .def("__len__", &Body::size)
      .def("__bytes__", [](const Body &body) { return py::bytes(body.data(), body.size()); });
}

}  // namespace octo_python
