// The Python type octofetch._core.Batch.
#include "batch.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "attempts.hpp"
#include "gil.hpp"
#include "page_memory.hpp"
#include "record.hpp"
#include "refusal.hpp"
#include "requests.hpp"

namespace py = pybind11;

namespace octo_python {

namespace {

// Batches that nobody has seen frozen. Never destroyed, as Python objects may outlive what ends at exit. Under the
// interpreter's lock.
std::unordered_set<octo_batch *> &running_batches() {
  static auto *const batches = new std::unordered_set<octo_batch *>;
  return *batches;
}

bool is_running(octo_batch *batch) {
  octo_batch_info info{};
  return octo_batch_describe(batch, &info, sizeof info) == OCTO_OK && info.state == OCTO_AGAIN;
}

// Few enough that they are still in the cache when they become records.
constexpr size_t kResultsAtOnce = 16;

PyTypeObject *type_of(const py::type &type) { return reinterpret_cast<PyTypeObject *>(type.ptr()); }

}  // namespace

size_t count_running_batches() {
  std::erase_if(running_batches(), [](octo_batch *batch) { return !is_running(batch); });
  return running_batches().size();
}

Batch::Batch(OwnedBatch owned, py::tuple requests, bool keeps_attempts)
    : handle_(owned.get()), requests_(std::move(requests)), keeps_attempts_(keeps_attempts) {
  running_batches().insert(handle_);
  static_cast<void>(owned.release());
}

Batch::~Batch() { free(); }

octo_status Batch::wait(uint64_t wait_us) {
  octo_batch *const batch = handle_;
  const octo_status status = wait_in_slices(wait_us, [batch](uint64_t us) { return octo_batch_wait(batch, us); });
  if (status != OCTO_AGAIN) running_batches().erase(batch);
  return status;
}

py::list Batch::results(const py::type &type, uint64_t size_max) {
  std::array<octo_result, kResultsAtOnce> read{};
  py::list list(size());
  size_t body_bytes = 0;
  for (size_t first = 0; first < size(); first += read.size()) {
    const size_t count = std::min(read.size(), size() - first);
    check(octo_batch_results(handle_, first, read.data(), sizeof(octo_result), count), "results");
    for (size_t i = 0; i < count; ++i) {
      list[first + i] = make_record(read[i], type_of(type), key_of(requests_[first + i]), size_max);
      body_bytes += read[i].body_size;
    }
  }
  expect_pages_of(body_bytes);
  return list;
}

py::tuple Batch::take_settled(const py::type &type, uint64_t size_max, uint64_t wait_us) {
  octo_batch *const batch = handle_;
  std::vector<size_t> settled;
  const auto take = [&](uint64_t slice_us) {
    size_t index = 0;
    octo_status status = octo_batch_next(batch, slice_us, &index);
    while (status == OCTO_OK) {
      settled.push_back(index);
      status = octo_batch_next(batch, 0, &index);
    }
    // What has come is handed out at once; that there is no more for now, the next call finds out.
    return settled.empty() ? status : OCTO_OK;
  };
  const octo_status status = wait_in_slices(wait_us, take);
  py::list list(settled.size());
  for (size_t i = 0; i < settled.size(); ++i) {
    octo_result result{};
    check(octo_batch_results(batch, settled[i], &result, sizeof result, 1), "results");
    list[i] = py::make_tuple(settled[i], make_record(result, type_of(type), key_of(requests_[settled[i]]), size_max));
  }
  return py::make_tuple(status, std::move(list));
}

bool Batch::is_frozen() {
  const octo_status status = octo_batch_wait(handle_, 0);
  if (status != OCTO_AGAIN) check(status, "frozen");
  return status == OCTO_OK;
}

py::tuple Batch::describe() {
  octo_batch_info info{};
  check(octo_batch_describe(handle_, &info, sizeof info), "describe");
  return py::make_tuple(info.state, info.settled_count, info.ok_count, info.missing_count, info.late_count,
                        info.failed_count, info.budget_us, info.frozen_us, info.pickup_lag_us, info.body_size);
}

py::str Batch::explain(int32_t format) {
  size_t size = 0;
  check(octo_batch_explain(handle_, format, nullptr, 0, &size), "explain");
  std::string text(size + 1, '\0');
  check(octo_batch_explain(handle_, format, text.data(), text.size(), &size), "explain");
  return py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(size), "replace"));
}

py::object Batch::attempts() {
  if (!keeps_attempts_) return py::none();
  return read_attempts(handle_);
}

void Batch::cancel() {
  const WithoutGil outside;
  octo_batch_cancel(handle_);
}

void Batch::free() {
  octo_batch *const batch = handle_;
  running_batches().erase(batch);
  const WithoutGil outside;
  octo_batch_free(batch);
}

void define_batch(py::module_ &module) {
  py::class_<Batch>(module, "Batch", "A submitted batch; see octofetch.h, octo_batch.")
      .def("wait", &Batch::wait, py::arg("wait_us"))
      .def("results", &Batch::results, py::arg("result_type"), py::arg("size_max"))
      .def("take_settled", &Batch::take_settled, py::arg("result_type"), py::arg("size_max"), py::arg("wait_us"))
      .def("is_frozen", &Batch::is_frozen)
      .def("describe", &Batch::describe)
      .def("explain", &Batch::explain, py::arg("kind"))
      .def("attempts", &Batch::attempts)
      .def("cancel", &Batch::cancel)
      .def("free", &Batch::free)
      .def("__len__", &Batch::size);
}

}  // namespace octo_python
