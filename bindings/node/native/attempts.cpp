// Two values for all attempts: an object for each would be for nobody who only counts them.
#include "attempts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "refusal.hpp"

namespace octo_node {

namespace {

// As attempts.ts names them.
std::array<double, 14> numbers_of(const octo_attempt &attempt) {
  return {static_cast<double>(attempt.index),         static_cast<double>(attempt.number),
          static_cast<double>(attempt.cause),         static_cast<double>(attempt.status),
          static_cast<double>(attempt.phase),         static_cast<double>(attempt.flags),
          static_cast<double>(attempt.http_status),   static_cast<double>(attempt.bytes_received),
          static_cast<double>(attempt.started_us),    static_cast<double>(attempt.ended_us),
          static_cast<double>(attempt.connecting_us), static_cast<double>(attempt.securing_us),
          static_cast<double>(attempt.waiting_us),    static_cast<double>(attempt.receiving_us)};
}

}  // namespace

Napi::Value read_attempts(Napi::Env env, octo_batch *batch) {
  octo_batch_info info{};
  check(env, octo_batch_describe(batch, &info, sizeof info), "describe");
  std::vector<octo_attempt> attempts(info.attempt_count);
  check(env, octo_batch_attempts(batch, 0, attempts.data(), sizeof(octo_attempt), attempts.size()), "attempts");
  constexpr size_t kColumnCount = std::tuple_size_v<decltype(numbers_of({}))>;
  auto numbers = Napi::Float64Array::New(env, attempts.size() * kColumnCount);
  double *at = numbers.Data();
  std::string addresses;
  for (const octo_attempt &attempt : attempts) {
    const auto row = numbers_of(attempt);
    at = std::copy(row.begin(), row.end(), at);
    addresses += attempt.address;
    addresses += '\0';
  }
  const auto both = Napi::Array::New(env, 2);
  both.Set(uint32_t{0}, numbers);
  both.Set(uint32_t{1}, Napi::String::New(env, addresses));
  return both;
}

}  // namespace octo_node
