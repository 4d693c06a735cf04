// Packs results into a few plain values for JavaScript.
#include "record.hpp"

#include <string>

#include "body.hpp"
#include "refusal.hpp"

namespace octo_node {

namespace {

void append_text(std::string &out, const char *text) {
  if (text != nullptr) out += text;
  out += '\0';
}

void write_numbers(double *out, const octo_result &result) {
  for (const int64_t number : {int64_t{result.status}, int64_t{result.source}, int64_t{result.phase},
                               int64_t{result.flags}, int64_t{result.http_status}, int64_t{result.attempts}}) {
    *out++ = static_cast<double>(number);
  }
  for (const uint64_t number :
       {result.bytes_received, result.object_size, result.settled_us, result.since_us, result.queued_us,
        result.resolving_us, result.connecting_us, result.securing_us, result.waiting_us, result.receiving_us}) {
    *out++ = static_cast<double>(number);
  }
}

}  // namespace

Packet read_records(Napi::Env env, octo_batch *batch, const std::vector<size_t> &indexes, const Napi::Value &texts) {
  const size_t count = indexes.size();
  Packet packet{Napi::Array::New(env, 4)};
  auto numbers = Napi::Float64Array::New(env, count * kNumberCount);
  auto positions = Napi::Uint32Array::New(env, count);
  const auto bodies = Napi::Array::New(env, count);
  double *const number_data = numbers.Data();
  uint32_t *const position_data = positions.Data();
  for (size_t i = 0; i < count; ++i) {
    const Napi::HandleScope scope(env);
    octo_result result{};
    check(env, octo_batch_results(batch, indexes[i], &result, sizeof result, 1), "results");
    write_numbers(number_data + i * kNumberCount, result);
    position_data[i] = static_cast<uint32_t>(indexes[i]);
    if (result.body != nullptr) bodies.Set(static_cast<uint32_t>(i), to_buffer(env, result));
    packet.copied_size += unknown_size(result);
  }
  packet.values.Set(uint32_t{0}, positions);
  packet.values.Set(uint32_t{1}, numbers);
  packet.values.Set(uint32_t{2}, texts);
  packet.values.Set(uint32_t{3}, bodies);
  return packet;
}

std::string read_texts(Napi::Env env, octo_batch *batch, size_t index) {
  octo_result result{};
  check(env, octo_batch_results(batch, index, &result, sizeof result, 1), "results");
  std::string texts;
  for (const char *text :
       {result.message, result.address, result.error_code, result.request_id, result.extended_request_id}) {
    append_text(texts, text);
  }
  if (result.headers_size > 0) texts.append(result.headers, result.headers_size);
  return texts;
}

}  // namespace octo_node
