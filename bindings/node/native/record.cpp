// Reads results of the library as values of JavaScript.
#include "record.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "body.hpp"
#include "refusal.hpp"

namespace octo_node {

namespace {

// Results are read in one call as long as they follow each other, which those of a whole batch do.
constexpr size_t kRunCountMax = 64;

size_t run_count(const size_t *indexes, size_t count) {
  size_t run = 1;
  while (run < count && run < kRunCountMax && indexes[run] == indexes[0] + run) ++run;
  return run;
}

octo_result read_result(Napi::Env env, octo_batch *batch, size_t index) {
  octo_result result{};
  check(env, octo_batch_results(batch, index, &result, sizeof result, 1), "results");
  return result;
}

// Without the way through a double.
napi_value small_number(Napi::Env env, int32_t number) {
  napi_value made = nullptr;
  if (napi_create_int32(env, number, &made) != napi_ok) throw Napi::Error::New(env);
  return made;
}

void append_text(std::string &out, const char *text) {
  if (text != nullptr) out += text;
  out += '\0';
}

}  // namespace

void append_info(Napi::Env env, const octo_batch_info &info, std::vector<napi_value> &arguments) {
  arguments.push_back(Napi::Number::New(env, info.state));
  for (const uint64_t number :
       {info.settled_count, info.ok_count, info.missing_count, info.late_count, info.failed_count, info.budget_us,
        info.frozen_us, info.pickup_lag_us, info.body_size}) {
    arguments.push_back(Napi::Number::New(env, static_cast<double>(number)));
  }
}

size_t append_results(Napi::Env env, octo_batch *batch, const size_t *indexes, size_t count,
                      std::vector<napi_value> &arguments) {
  std::array<octo_result, kRunCountMax> results;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the call
  size_t copied_size = 0;
  for (size_t done = 0, run = 0; done < count; done += run) {
    run = run_count(indexes + done, count - done);
    check(env, octo_batch_results(batch, indexes[done], results.data(), sizeof(octo_result), run), "results");
    for (size_t i = 0; i < run; ++i) {
      const octo_result &result = results[i];
      arguments.push_back(small_number(env, static_cast<int32_t>(indexes[done + i])));
      arguments.push_back(small_number(env, result.status));
      if (result.body == nullptr) {
        arguments.push_back(env.Undefined());
      } else {
        const MadeBuffer made = to_buffer(env, result);
        arguments.push_back(made.value);
        copied_size += made.copied_size;
      }
    }
  }
  return copied_size;
}

Napi::Float64Array read_numbers(Napi::Env env, octo_batch *batch, size_t index) {
  const octo_result result = read_result(env, batch, index);
  const std::array<double, 15> numbers = {
      static_cast<double>(result.source),       static_cast<double>(result.phase),
      static_cast<double>(result.flags),        static_cast<double>(result.http_status),
      static_cast<double>(result.attempts),     static_cast<double>(result.bytes_received),
      static_cast<double>(result.object_size),  static_cast<double>(result.settled_us),
      static_cast<double>(result.since_us),     static_cast<double>(result.queued_us),
      static_cast<double>(result.resolving_us), static_cast<double>(result.connecting_us),
      static_cast<double>(result.securing_us),  static_cast<double>(result.waiting_us),
      static_cast<double>(result.receiving_us)};
  auto made = Napi::Float64Array::New(env, numbers.size());
  std::copy(numbers.begin(), numbers.end(), made.Data());
  return made;
}

std::string read_texts(Napi::Env env, octo_batch *batch, size_t index) {
  const octo_result result = read_result(env, batch, index);
  std::string texts;
  for (const char *text :
       {result.message, result.address, result.error_code, result.request_id, result.extended_request_id}) {
    append_text(texts, text);
  }
  if (result.headers_size > 0) texts.append(result.headers, result.headers_size);
  return texts;
}

}  // namespace octo_node
