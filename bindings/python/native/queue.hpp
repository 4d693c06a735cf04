// The queue that announces batches to one event loop, by a descriptor that the loop watches.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

namespace octo_python {

class Queue {
 public:
  Queue();
  ~Queue();
  Queue(const Queue &) = delete;
  Queue &operator=(const Queue &) = delete;

  int fd() const;
  // All events there are: [(tag, type), ...]; never waits.
  pybind11::list take();
  void free();

  octo_queue *handle() const { return handle_; }

 private:
  octo_queue *handle_ = nullptr;
};

void define_queue(pybind11::module_ &module);

}  // namespace octo_python
