// The C ABI in the words of a test: handles that free themselves, batches of named keys, results as values.
#pragma once

#include <octofetch.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace octo_test {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T *handle) const {
    Free(handle);
  }
};
using Options = std::unique_ptr<octo_options, Freer<octo_options_free>>;
using Client = std::unique_ptr<octo_client, Freer<octo_client_close>>;
using Batch = std::unique_ptr<octo_batch, Freer<octo_batch_free>>;
using Queue = std::unique_ptr<octo_queue, Freer<octo_queue_free>>;

using OptionList = std::map<std::string, std::string>;

// Throws std::runtime_error with the library's sentence when it refuses.
Client open_client(const std::string &url, const OptionList &options = {});

// "prefix0" to "prefix<count-1>".
std::vector<std::string> numbered_keys(const std::string &prefix, std::size_t count);

struct Submit {
  std::uint64_t budget_us = 5'000'000;
  octo_queue *queue = nullptr;
  std::uint64_t tag = 0;
  bool keeps_attempts = false;
};
Batch submit(const Client &client, const std::vector<std::string> &keys, const Submit &how = {});

struct Result {
  octo_status status = OCTO_INTERNAL;
  int phase = 0;
  std::uint32_t flags = 0;
  std::uint32_t http_status = 0;
  std::uint32_t attempts = 0;
  std::string body;
  std::string message;
};
// After the freeze.
std::vector<Result> results(const Batch &batch);
// Submits, waits, reads.
std::vector<Result> fetch(const Client &client, const std::vector<std::string> &keys, const Submit &how = {});
std::size_t count_status(const std::vector<Result> &results, octo_status status);
octo_batch_info describe(const Batch &batch);
octo_stats stats(const Client &client);

// Whether every key is OK with the origin's pattern of that size. The first that is not is named in `why`.
bool all_right(const std::vector<std::string> &keys, const std::vector<Result> &results, std::size_t size,
               std::string &why);

// Open descriptors of this process.
std::size_t descriptor_count();

// Whether the condition holds within 5 s: a thread of the library may be a moment behind whoever sees the freeze.
template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  return condition();
}

// How long `body()` takes.
template <typename Body>
std::chrono::milliseconds elapsed(Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace octo_test
