// The Python type octofetch._core.Queue.
#include "queue.hpp"

#include <array>
#include <utility>

#include "refusal.hpp"

namespace py = pybind11;

namespace octo_python {

Queue::Queue() { check(octo_queue_create(nullptr, nullptr, &handle_), "queue"); }

Queue::~Queue() { free(); }

int Queue::fd() const { return octo_queue_fd(handle_); }

py::list Queue::take() {
  std::array<octo_event, 64> events{};
  py::list taken;
  size_t count = events.size();
  // A full array means that there may be more; each batch has at most two events waiting, so this ends.
  while (count == events.size()) {
    check(octo_queue_take(handle_, events.data(), sizeof(octo_event), events.size(), &count), "take");
    for (size_t i = 0; i < count; ++i) taken.append(py::make_tuple(events[i].tag, events[i].type));
  }
  return taken;
}

void Queue::free() { octo_queue_free(std::exchange(handle_, nullptr)); }

void define_queue(py::module_ &module) {
  py::class_<Queue>(module, "Queue", "Announces batches to an event loop; see octofetch.h, octo_queue.")
      .def(py::init<>())
      .def("fd", &Queue::fd)
      .def("take", &Queue::take)
      .def("free", &Queue::free);
}

}  // namespace octo_python
