// A client as Python sees it: what octofetch.h offers for octo_client.
#pragma once

#include <octofetch.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <string>

#include "batch.hpp"
#include "queue.hpp"

namespace octo_python {

// Any thread that holds the interpreter's lock.
class Client {
 public:
  // `options` is a sequence of (name, value). A refusal is thrown.
  Client(const pybind11::str &url, const pybind11::sequence &options);
  ~Client();
  Client(const Client &) = delete;
  Client &operator=(const Client &) = delete;

  // Each of `given` is a key, str or bytes, or a Get of octofetch/request.py. budget_us and deadline_ns may be None; with a queue the batch is announced there under `tag`, with `is_stream` also while it settles.
  std::unique_ptr<Batch> submit(const pybind11::tuple &given, const pybind11::object &budget_us,
                                const pybind11::object &deadline_ns, const pybind11::sequence &headers,
                                const Queue *queue, uint64_t tag, bool is_stream, bool keeps_attempts);

  void set(const std::string &name, const std::string &value);
  std::string get(const std::string &name) const;
  void set_credentials(const std::string &access_key_id, const std::string &secret_access_key,
                       const pybind11::object &session_token, const pybind11::object &expires_at_s);
  void warm(uint32_t connections, uint64_t wait_us);
  octo_status drain(uint64_t wait_us);
  pybind11::dict stats() const;
  pybind11::str explain(int32_t format) const;
  void close();

 private:
  octo_client *handle_ = nullptr;
};

void define_client(pybind11::module_ &module);

}  // namespace octo_python
