// Reading and hashing for batch_digest.hpp.
#include "capi/batch_digest.hpp"

#include <cstring>
#include <string>
#include <vector>

namespace octo_test {
namespace {

// FNV-1a.
class Hash {
 public:
  void add(const void *bytes, std::size_t size) {
    const auto *at = static_cast<const unsigned char *>(bytes);
    for (std::size_t i = 0; i < size; ++i) value_ = (value_ ^ at[i]) * 0x100000001B3U;
  }
  void add(std::uint64_t number) { add(&number, sizeof number); }
  void add(const char *text) { add(text, std::strlen(text) + 1); }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

void add_result(const octo_result &result, Hash &hash) {
  hash.add(result.key, result.key_size);
  hash.add(result.body_size);
  if (result.body != nullptr) hash.add(result.body, result.body_size);
  for (const std::int32_t number : {result.status, result.source, result.phase}) {
    hash.add(static_cast<std::uint64_t>(number));
  }
  for (const std::uint64_t number :
       {std::uint64_t{result.flags}, std::uint64_t{result.http_status}, std::uint64_t{result.attempts},
        result.bytes_received, result.object_size, result.settled_us, result.since_us, result.queued_us,
        result.resolving_us, result.connecting_us, result.securing_us, result.waiting_us, result.receiving_us}) {
    hash.add(number);
  }
  for (const char *text :
       {result.message, result.address, result.error_code, result.request_id, result.extended_request_id})
    hash.add(text);
  hash.add(result.headers, result.headers_size);
}

void add_headers(octo_batch *batch, std::size_t index, Hash &hash) {
  const char *name = nullptr;
  const char *value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; octo_result_header_at(batch, index, i, &name, &value, &size) == OCTO_OK; ++i) {
    hash.add(name);
    hash.add(value, size);
  }
}

void add_explanation(octo_batch *batch, Hash &hash) {
  std::size_t size = 0;
  octo_batch_explain(batch, OCTO_EXPLAIN_LINE, nullptr, 0, &size);
  std::string text(size + 1, '\0');
  octo_batch_explain(batch, OCTO_EXPLAIN_LINE, text.data(), text.size(), &size);
  hash.add(text.c_str());
}

}  // namespace

std::uint64_t digest_of(octo_batch *batch) {
  Hash hash;
  octo_batch_info info{};
  hash.add(static_cast<std::uint64_t>(octo_batch_describe(batch, &info, sizeof info)));
  hash.add(&info, sizeof info);
  std::vector<octo_result> results(info.request_count);
  hash.add(
      static_cast<std::uint64_t>(octo_batch_results(batch, 0, results.data(), sizeof(octo_result), results.size())));
  for (std::size_t i = 0; i < results.size(); ++i) {
    add_result(results[i], hash);
    add_headers(batch, i, hash);
  }
  add_explanation(batch, hash);
  return hash.value();
}

}  // namespace octo_test
