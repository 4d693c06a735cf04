// The extension module octofetch._core: octofetch.h for the Python modules beside it, which are what users see.
// It decides nothing; the interpreter's lock is left for every call that waits, and no thread of the library enters it.
#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <utility>

#include "batch.hpp"
#include "body.hpp"
#include "client.hpp"
#include "gil.hpp"
#include "queue.hpp"
#include "record.hpp"
#include "refusal.hpp"
#include "threads.hpp"

namespace py = pybind11;

namespace octo_python {

namespace {

py::list describe_options() {
  py::list rows;
  octo_option_info info{};
  for (size_t i = 0; octo_option_describe(i, &info, sizeof info) == OCTO_OK; ++i) {
    rows.append(py::make_tuple(info.name, info.type, info.default_value, info.minimum, info.maximum, info.unit,
                               info.text, info.flags));
  }
  return rows;
}

octo_status shut_down(uint64_t wait_us) {
  return wait_in_slices(wait_us, [](uint64_t us) { return octo_shutdown(us); });
}

// Before a fork: with no batch under way the threads end, so that the child starts from a process of one thread. The
// interpreter's lock is kept, as nobody may submit meanwhile.
bool rest(uint64_t wait_us) {
  if (count_running_batches() != 0 || octo_shutdown(wait_us) != OCTO_OK) return false;
  wait_until_vanished();
  return true;
}

void define_refused(py::module_ &module) {
  PyObject *const refused = PyErr_NewException("octofetch._core.RefusedError", PyExc_Exception, nullptr);
  if (refused == nullptr) throw py::error_already_set();
  module.add_object("RefusedError", refused);
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(std::move(thrown));
    } catch (const Refusal &refusal) {
      const py::object type = py::module_::import("octofetch._core").attr("RefusedError");
      PyErr_SetObject(type.ptr(), py::make_tuple(refusal.status(), refusal.what()).ptr());
    }
  });
}

void define_all(py::module_ &module) {
  module.doc() = "octofetch.h for the Python modules beside this one.";
  define_refused(module);
  define_body(module);
  define_record(module);
  define_batch(module);
  define_queue(module);
  define_client(module);
  module.def("version", &octo_version);
  module.def("build_information", &octo_build_information);
  module.def("now_ns", &octo_now_ns);
  module.def("status_name", &octo_status_name, py::arg("status"));
  module.def("status_text", &octo_status_text, py::arg("status"));
  module.def("phase_name", &octo_phase_name, py::arg("phase"));
  module.def("source_name", &octo_source_name, py::arg("source"));
  module.def("attempt_cause_name", &octo_attempt_cause_name, py::arg("cause"));
  module.def("describe_options", &describe_options);
  module.def("shut_down", &shut_down, py::arg("wait_us"));
  module.def("rest", &rest, py::arg("wait_us"));
  module.def("keep_threads_outside", &keep_threads_outside);
}

}  // namespace

}  // namespace octo_python

PYBIND11_MODULE(_core, module) { octo_python::define_all(module); }
