// The Python type octofetch._core.Client.
#include "client.hpp"

#include <vector>

#include "gil.hpp"
#include "refusal.hpp"
#include "requests.hpp"

namespace py = pybind11;

namespace octo_python {

namespace {

struct FreeOptions {
  void operator()(octo_options *options) const { octo_options_free(options); }
};

void check_call(octo_status status, const octo_error &error) {
  if (status == OCTO_OK) return;
  if (error.text[0] == '\0') throw Refusal(status, octo_status_text(status));
  throw Refusal(status, error);
}

std::unique_ptr<octo_options, FreeOptions> to_options(const py::sequence &pairs) {
  octo_options *made = nullptr;
  check(octo_options_create(&made), "options");
  std::unique_ptr<octo_options, FreeOptions> options(made);
  for (const py::handle pair : pairs) {
    octo_error error = OCTO_ERROR_INIT;
    const py::object name = pair[py::int_(0)];
    const py::object value = pair[py::int_(1)];
    check_call(octo_options_set(made, utf8_of(name), utf8_of(value), &error), error);
  }
  return options;
}

// Headers are (name, value, is_neutral); the texts belong to `pairs`.
std::vector<octo_header> to_headers(const py::sequence &pairs) {
  std::vector<octo_header> headers;
  headers.reserve(pairs.size());
  for (const py::handle pair : pairs) {
    const auto fields = py::reinterpret_borrow<py::tuple>(pair);
    headers.push_back(
        {utf8_of(fields[0]), utf8_of(fields[1]), fields[2].cast<bool>() ? OCTO_HEADER_NEUTRAL : uint64_t{0}});
  }
  return headers;
}

}  // namespace

Client::Client(const py::str &url, const py::sequence &options) {
  const char *const address = utf8_of(url);
  const auto set = to_options(options);
  octo_error error = OCTO_ERROR_INIT;
  octo_status status = OCTO_OK;
  {
    const WithoutGil outside;
    status = octo_client_open(address, set.get(), &handle_, &error);
  }
  check_call(status, error);
}

Client::~Client() { close(); }

std::unique_ptr<Batch> Client::submit(const py::tuple &given, const py::object &budget_us,
                                      const py::object &deadline_ns, const py::sequence &headers, const Queue *queue,
                                      uint64_t tag, bool is_stream, bool keeps_attempts) {
  const Requests requests(given);
  const std::vector<octo_header> extra = to_headers(headers);
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  if (!budget_us.is_none()) {
    options.flags |= OCTO_BATCH_BUDGET;
    options.budget_us = budget_us.cast<uint64_t>();
  }
  if (!deadline_ns.is_none()) {
    options.flags |= OCTO_BATCH_DEADLINE;
    options.deadline_ns = deadline_ns.cast<uint64_t>();
  }
  if (!extra.empty()) {
    options.flags |= OCTO_BATCH_HEADERS;
    options.headers = extra.data();
    options.header_count = extra.size();
  }
  if (queue != nullptr) {
    options.flags |= OCTO_BATCH_QUEUE | OCTO_BATCH_TAG | (is_stream ? OCTO_BATCH_STREAM : 0);
    options.queue = queue->handle();
    options.tag = tag;
  }
  if (keeps_attempts) options.flags |= OCTO_BATCH_ATTEMPTS;
  octo_batch *batch = nullptr;
  octo_error error = OCTO_ERROR_INIT;
  // With the interpreter's lock: submit waits for nobody, and before a fork no batch may be under way unseen.
  check_call(octo_submit(handle_, requests.data(), sizeof(octo_request), requests.size(), &options, &batch, &error),
             error);
  return std::make_unique<Batch>(OwnedBatch(batch), given, keeps_attempts);
}

void Client::set(const std::string &name, const std::string &value) {
  octo_error error = OCTO_ERROR_INIT;
  check_call(octo_client_set(handle_, name.c_str(), value.c_str(), &error), error);
}

std::string Client::get(const std::string &name) const {
  size_t size = 0;
  check(octo_client_get(handle_, name.c_str(), nullptr, 0, &size), name.c_str());
  std::string value(size + 1, '\0');
  check(octo_client_get(handle_, name.c_str(), value.data(), value.size(), &size), name.c_str());
  value.resize(size);
  return value;
}

void Client::set_credentials(const std::string &access_key_id, const std::string &secret_access_key,
                             const py::object &session_token, const py::object &expires_at_s) {
  octo_credentials credentials{};
  credentials.size = sizeof credentials;
  credentials.access_key_id = access_key_id.c_str();
  credentials.secret_access_key = secret_access_key.c_str();
  if (!session_token.is_none()) {
    credentials.flags |= OCTO_CREDENTIALS_SESSION_TOKEN;
    credentials.session_token = utf8_of(session_token);
  }
  if (!expires_at_s.is_none()) {
    credentials.flags |= OCTO_CREDENTIALS_EXPIRES_AT;
    credentials.expires_at_s = expires_at_s.cast<uint64_t>();
  }
  octo_error error = OCTO_ERROR_INIT;
  check_call(octo_client_credentials_set(handle_, &credentials, &error), error);
}

void Client::warm(uint32_t connections, uint64_t wait_us) {
  octo_error error = OCTO_ERROR_INIT;
  octo_status status = OCTO_OK;
  {
    octo_client *const client = handle_;
    const WithoutGil outside;
    status = octo_client_warm(client, connections, wait_us, &error);
  }
  check_call(status, error);
}

octo_status Client::drain(uint64_t wait_us) {
  octo_client *const client = handle_;
  return wait_in_slices(wait_us, [client](uint64_t us) { return octo_client_drain(client, us); });
}

py::dict Client::stats() const {
  octo_stats stats{};
  check(octo_client_stats(handle_, &stats, sizeof stats), "stats");
  using pybind11::literals::operator""_a;
  return py::dict("batches"_a = stats.batches, "batches_complete"_a = stats.batches_complete,
                  "batches_deadline"_a = stats.batches_deadline, "requests"_a = stats.requests,
                  "requests_ok"_a = stats.requests_ok, "requests_other"_a = stats.requests_other,
                  "requests_unsettled"_a = stats.requests_unsettled, "requests_shed"_a = stats.requests_shed,
                  "attempts"_a = stats.attempts, "reruns"_a = stats.reruns,
                  "connections_opened"_a = stats.connections_opened,
                  "connections_refused_by_guard"_a = stats.connections_refused_by_guard, "lookups"_a = stats.lookups,
                  "lookups_failed"_a = stats.lookups_failed, "bytes_received"_a = stats.bytes_received,
                  "orphans_finished"_a = stats.orphans_finished, "orphans_cut"_a = stats.orphans_cut,
                  "connections_open"_a = stats.connections_open, "connections_idle"_a = stats.connections_idle,
                  "slots_busy"_a = stats.slots_busy, "queued"_a = stats.queued, "memory_active"_a = stats.memory_active,
                  "memory_delivered"_a = stats.memory_delivered, "service_us_p50"_a = stats.service_us_p50,
                  "service_us_p90"_a = stats.service_us_p90, "service_us_p99"_a = stats.service_us_p99,
                  "estimate_us"_a = stats.estimate_us, "forks_unawaited"_a = stats.forks_unawaited);
}

py::str Client::explain(int32_t format) const {
  // Most documents fit at once, and one that grew meanwhile is asked for again.
  std::string text(4096, '\0');
  size_t size = text.size();
  while (size >= text.size()) {
    text.resize(size + size / 4);
    octo_status status = OCTO_OK;
    {
      octo_client *const client = handle_;
      const WithoutGil outside;
      status = octo_client_explain(client, format, text.data(), text.size(), &size);
    }
    check(status, "explain");
  }
  return py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(size), "replace"));
}

void Client::close() {
  // The handle stays, as one that has ended says so.
  octo_client *const client = handle_;
  const WithoutGil outside;
  octo_client_close(client);
}

void define_client(py::module_ &module) {
  py::class_<Client>(module, "Client", "An open client; see octofetch.h, octo_client.")
      .def(py::init<const py::str &, const py::sequence &>(), py::arg("url"), py::arg("options"))
      .def("submit", &Client::submit, py::arg("requests"), py::arg("budget_us"), py::arg("deadline_ns"),
           py::arg("headers"), py::arg("queue").none(true), py::arg("tag"), py::arg("is_stream"),
           py::arg("keeps_attempts"))
      .def("set", &Client::set, py::arg("name"), py::arg("value"))
      .def("get", &Client::get, py::arg("name"))
      .def("set_credentials", &Client::set_credentials, py::arg("access_key_id"), py::arg("secret_access_key"),
           py::arg("session_token"), py::arg("expires_at_s"))
      .def("warm", &Client::warm, py::arg("connections"), py::arg("wait_us"))
      .def("drain", &Client::drain, py::arg("wait_us"))
      .def("stats", &Client::stats)
      .def("explain", &Client::explain, py::arg("kind"))
      .def("close", &Client::close);
}

}  // namespace octo_python
