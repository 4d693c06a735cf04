// Reads keys: str and bytes by their own memory, and what a Get tells of itself.
#include "requests.hpp"

#include <string>

namespace py = pybind11;

namespace octo_python {

namespace {

// (key, flags, query, version_id, if_none_match, range_first, range_last, priority)
constexpr size_t kFieldCount = 8;

void read_key(py::handle key, octo_request &request) {
  if (PyBytes_Check(key.ptr())) {
    request.key = PyBytes_AS_STRING(key.ptr());
    request.key_size = static_cast<size_t>(PyBytes_GET_SIZE(key.ptr()));
    return;
  }
  py::ssize_t size = 0;
  request.key = PyUnicode_AsUTF8AndSize(key.ptr(), &size);
  if (request.key == nullptr) {
    PyErr_Clear();
    throw py::value_error("the key " + py::repr(key).cast<std::string>() + " is no Unicode text; give it as bytes");
  }
  request.key_size = static_cast<size_t>(size);
}

const char *text_or_null(py::handle text) { return text.is_none() ? nullptr : utf8_of(text); }

void read_fields(const py::tuple &fields, octo_request &request) {
  if (fields.size() != kFieldCount) throw py::type_error("a request is a tuple of 8 fields");
  read_key(fields[0], request);
  request.flags = fields[1].cast<uint64_t>();
  request.query = text_or_null(fields[2]);
  request.version_id = text_or_null(fields[3]);
  request.if_none_match = text_or_null(fields[4]);
  request.range_first = fields[5].cast<uint64_t>();
  request.range_last = fields[6].cast<uint64_t>();
  request.priority = fields[7].cast<uint64_t>();
}

bool is_key(py::handle request) { return PyUnicode_Check(request.ptr()) || PyBytes_Check(request.ptr()); }

py::tuple fields_of(py::handle get) {
  if (!py::hasattr(get, "fields")) {
    throw py::type_error(std::string("a key is str or bytes, or a Get, not ") + Py_TYPE(get.ptr())->tp_name);
  }
  return get.attr("fields")();
}

}  // namespace

const char *utf8_of(py::handle text) {
  py::ssize_t size = 0;
  const char *utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (utf8 == nullptr) throw py::error_already_set();
  if (std::char_traits<char>::length(utf8) != static_cast<size_t>(size)) throw py::value_error("a text contains NUL");
  return utf8;
}

Requests::Requests(const py::tuple &given) : requests_(given.size()) {
  for (size_t i = 0; i < requests_.size(); ++i) {
    const py::handle request = given[i];
    if (is_key(request)) {
      read_key(request, requests_[i]);
    } else {
      fields_.push_back(fields_of(request));
      read_fields(fields_.back(), requests_[i]);
    }
  }
}

py::object key_of(py::handle request) {
  return is_key(request) ? py::reinterpret_borrow<py::object>(request) : py::object(request.attr("key"));
}

}  // namespace octo_python
