// Packs results into records, and records into tuples.
#include "record.hpp"

#include "refusal.hpp"

namespace py = pybind11;

namespace octo_python {

namespace {

template <class Number>
void append(std::string &out, Number number) {
  out.append(reinterpret_cast<const char *>(&number), sizeof number);
}

std::string numbers_of(const octo_result &result) {
  std::string out;
  out.reserve(100);
  append(out, result.source);
  append(out, result.phase);
  append(out, result.flags);
  append(out, result.http_status);
  append(out, result.attempts);
  for (const uint64_t number :
       {result.bytes_received, result.object_size, result.settled_us, result.since_us, result.queued_us,
        result.resolving_us, result.connecting_us, result.securing_us, result.waiting_us, result.receiving_us}) {
    append(out, number);
  }
  return out;
}

void append_text(std::string &out, const char *text) {
  if (text != nullptr) out += text;
  out += '\0';
}

std::string texts_of(octo_batch *batch, size_t index, const octo_result &result) {
  std::string out;
  for (const char *text :
       {result.message, result.address, result.error_code, result.request_id, result.extended_request_id}) {
    append_text(out, text);
  }
  const char *name = nullptr;
  const char *value = nullptr;
  size_t size = 0;
  // What is kept of headers is bounded by the library: 4 KiB a result.
  for (size_t at = 0; octo_result_header_at(batch, index, at, &name, &value, &size) == OCTO_OK; ++at) {
    append_text(out, name);
    append_text(out, value);
  }
  return out;
}

}  // namespace

std::vector<Record> read_records(octo_batch *batch, size_t first, size_t count) {
  std::vector<octo_result> results(count);
  std::vector<Record> records(count);
  if (count == 0) return records;
  check(octo_batch_results(batch, first, results.data(), sizeof(octo_result), count), "results");
  for (size_t i = 0; i < count; ++i) {
    records[i].status = results[i].status;
    records[i].numbers = numbers_of(results[i]);
    records[i].texts = texts_of(batch, first + i, results[i]);
    if (results[i].body != nullptr) records[i].body.emplace(octo_body_retain(results[i].body_handle));
  }
  return records;
}

py::tuple to_tuple(Record &record) {
  py::object body = py::none();
  if (record.body) body = py::cast(std::move(*record.body));
  return py::make_tuple(record.status, py::bytes(record.numbers), py::bytes(record.texts), std::move(body));
}

}  // namespace octo_python
