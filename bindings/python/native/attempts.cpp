// Plain tuples, which octofetch/attempts.py names.
#include "attempts.hpp"

#include <vector>

#include "refusal.hpp"

namespace py = pybind11;

namespace octo_python {

py::list read_attempts(octo_batch *batch) {
  octo_batch_info info{};
  check(octo_batch_describe(batch, &info, sizeof info), "describe");
  std::vector<octo_attempt> attempts(info.attempt_count);
  check(octo_batch_attempts(batch, 0, attempts.data(), sizeof(octo_attempt), attempts.size()), "attempts");
  py::list list(attempts.size());
  for (size_t i = 0; i < attempts.size(); ++i) {
    const octo_attempt &one = attempts[i];
    list[i] = py::make_tuple(one.index, one.number, one.cause, one.status, one.phase, one.flags, one.http_status,
                             one.address, one.bytes_received, one.started_us, one.ended_us, one.connecting_us,
                             one.securing_us, one.waiting_us, one.receiving_us);
  }
  return list;
}

}  // namespace octo_python
