// The Python type octofetch._core.Record, and making records of results.
#include "record.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "body.hpp"

namespace py = pybind11;

namespace octo_python {

namespace {

// The numbers of octo_result, as struct "=iiIII10Q" of octofetch/records.py reads them.
struct __attribute__((packed)) Numbers {
  int32_t source, phase;
  uint32_t flags, http_status, attempts;
  uint64_t bytes_received, object_size, settled_us, since_us, queued_us, resolving_us, connecting_us, securing_us,
      waiting_us, receiving_us;
};

// No cycle can go through what it holds, as its key is a text, so that it has nothing to show to the garbage collector.
// What a subclass adds, Python shows.
struct RecordObject {
  PyObject_HEAD PyObject *key;
  PyObject *body;       // bytes, made of `retained` when first asked for; NULL before, and where there are none
  PyObject *texts;      // bytes: message, address, error_code and so on, then names and values of headers
  octo_body *retained;  // NULL for a record that Python made
  unsigned long long size_max;
  int status;
  Numbers numbers;
};

RecordObject *record_of(PyObject *self) { return reinterpret_cast<RecordObject *>(self); }

Numbers numbers_of(const octo_result &result) {
  return {result.source,         result.phase,         result.flags,       result.http_status, result.attempts,
          result.bytes_received, result.object_size,   result.settled_us,  result.since_us,    result.queued_us,
          result.resolving_us,   result.connecting_us, result.securing_us, result.waiting_us,  result.receiving_us};
}

// All texts one after the other, in one piece of memory, as most are never looked at.
PyObject *texts_of(const octo_result &result) {
  const std::array<std::string_view, 5> texts = {result.message, result.address, result.error_code, result.request_id,
                                                 result.extended_request_id};
  size_t size = result.headers_size;
  for (const std::string_view text : texts) size += text.size() + 1;
  PyObject *const bytes = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
  if (bytes == nullptr) return nullptr;
  char *at = PyBytes_AS_STRING(bytes);
  for (const std::string_view text : texts) {
    at = std::copy(text.begin(), text.end(), at);
    *at++ = '\0';
  }
  std::memcpy(at, result.headers, result.headers_size);
  return bytes;
}

// Record(key, (status, numbers, texts, body or None), size_max): for octofetch.testing and pickles.
PyObject *record_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
  PyObject *key = nullptr;
  PyObject *plain = nullptr;
  PyObject *numbers = nullptr;
  PyObject *texts = nullptr;
  PyObject *body = nullptr;
  int status = 0;
  unsigned long long size_max = 0;
  if (named != nullptr && PyDict_GET_SIZE(named) != 0) {
    PyErr_SetString(PyExc_TypeError, "a record takes no keyword arguments");
    return nullptr;
  }
  if (PyArg_ParseTuple(arguments, "OO!K", &key, &PyTuple_Type, &plain, &size_max) == 0) return nullptr;
  // Of a tuple, which holds its items: what another sequence makes when asked would be gone here.
  if (PyArg_ParseTuple(plain, "iSSO", &status, &numbers, &texts, &body) == 0) return nullptr;
  if (!PyUnicode_Check(key) && !PyBytes_Check(key)) {
    PyErr_Format(PyExc_TypeError, "the key of a record is str or bytes, not %s", Py_TYPE(key)->tp_name);
    return nullptr;
  }
  if (PyBytes_GET_SIZE(numbers) != sizeof(Numbers) || (body != Py_None && !PyBytes_Check(body))) {
    PyErr_SetString(PyExc_TypeError, "a record is (status, numbers, texts, bytes or None), as records.py packs it");
    return nullptr;
  }
  PyObject *const self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  RecordObject &record = *record_of(self);
  record.key = Py_NewRef(key);
  record.body = body == Py_None ? nullptr : Py_NewRef(body);
  record.texts = Py_NewRef(texts);
  record.size_max = size_max;
  record.status = status;
  std::memcpy(&record.numbers, PyBytes_AS_STRING(numbers), sizeof(Numbers));
  return self;
}

void record_dealloc(PyObject *self) {
  PyTypeObject *const type = Py_TYPE(self);
  const RecordObject &record = *record_of(self);
  Py_XDECREF(record.key);
  Py_XDECREF(record.body);
  Py_XDECREF(record.texts);
  octo_body_release(record.retained);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject *get_key(PyObject *self, void *) { return Py_NewRef(record_of(self)->key); }
PyObject *get_status(PyObject *self, void *) { return PyLong_FromLong(record_of(self)->status); }
PyObject *get_size_max(PyObject *self, void *) { return PyLong_FromUnsignedLongLong(record_of(self)->size_max); }
PyObject *get_texts(PyObject *self, void *) { return Py_NewRef(record_of(self)->texts); }

PyObject *get_numbers(PyObject *self, void *) {
  return PyBytes_FromStringAndSize(reinterpret_cast<const char *>(&record_of(self)->numbers), sizeof(Numbers));
}

PyObject *get_bytes(PyObject *self, void *) {
  RecordObject &record = *record_of(self);
  if (record.body == nullptr && record.retained != nullptr) {
    record.body = PyBytes_FromStringAndSize(static_cast<const char *>(octo_body_data(record.retained)),
                                            static_cast<Py_ssize_t>(octo_body_size(record.retained)));
    if (record.body == nullptr) return nullptr;
  }
  return Py_NewRef(record.body == nullptr ? Py_None : record.body);
}

PyObject *get_body(PyObject *self, void *) {
  const RecordObject &record = *record_of(self);
  if (record.body != nullptr || record.retained != nullptr) return get_bytes(self, nullptr);
  PyObject *const error = PyObject_CallMethod(self, "_why_no_body", nullptr);
  if (error != nullptr) {
    PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error)), error);
    Py_DECREF(error);
  }
  return nullptr;
}

PyObject *get_buffer(PyObject *self, void *) {
  const RecordObject &record = *record_of(self);
  try {
    if (record.retained == nullptr) return get_bytes(self, nullptr);
    return py::cast(Body(octo_body_retain(record.retained))).release().ptr();
  } catch (py::error_already_set &error) {
    error.restore();
    return nullptr;
  }
}

PyGetSetDef getters[] = {
    {"key", &get_key, nullptr, "The key that was asked for.", nullptr},
    {"_status", &get_status, nullptr, "octo_result.status.", nullptr},
    {"_size_max", &get_size_max, nullptr, "The client's object.size_max.", nullptr},
    {"_numbers", &get_numbers, nullptr, "As octofetch/records.py unpacks them.", nullptr},
    {"_texts", &get_texts, nullptr, "As octofetch/records.py unpacks them.", nullptr},
    {"body", &get_body, nullptr, "The bytes, made when first asked for; where there are none, the error is raised.",
     nullptr},
    {"_bytes", &get_bytes, nullptr, "As body, but None where there is none.", nullptr},
    {"_buffer", &get_buffer, nullptr, "The body without a copy; None where there is none.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char *>("How one request ended; see octofetch.h, octo_result.")},
    {Py_tp_new, reinterpret_cast<void *>(&record_new)},
    {Py_tp_dealloc, reinterpret_cast<void *>(&record_dealloc)},
    {Py_tp_getset, getters},
    {0, nullptr},
};

PyType_Spec spec = {"octofetch._core.Record", sizeof(RecordObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

py::object make_record(const octo_result &result, PyTypeObject *type, py::handle key, uint64_t size_max) {
  auto made = py::reinterpret_steal<py::object>(type->tp_alloc(type, 0));
  if (!made) throw py::error_already_set();
  RecordObject &record = *record_of(made.ptr());
  record.key = Py_NewRef(key.ptr());
  record.texts = texts_of(result);
  if (record.texts == nullptr) throw py::error_already_set();
  record.retained = octo_body_retain(result.body_handle);
  record.size_max = size_max;
  record.status = result.status;
  record.numbers = numbers_of(result);
  return made;
}

void define_record(py::module_ &module) {
  PyObject *const type = PyType_FromSpec(&spec);
  if (type == nullptr) throw py::error_already_set();
  module.add_object("Record", type);
}

}  // namespace octo_python
