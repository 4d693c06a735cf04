// Thin wrappers for fetching.hpp.
#include "support/fetching.hpp"

#include <dirent.h>

#include <stdexcept>

#include "support/origin_process.hpp"

namespace octo_test {
namespace {

void demand(octo_status status, const octo_error &error) {
  if (status == OCTO_OK) return;
  throw std::runtime_error(std::string(octo_status_name(status)) + ": " + error.text);
}

}  // namespace

Client open_client(const std::string &url, const OptionList &options) {
  octo_error error = OCTO_ERROR_INIT;
  octo_options *set = nullptr;
  demand(octo_options_create(&set), error);
  const Options owner(set);
  for (const auto &[name, value] : options) {
    demand(octo_options_set(set, name.c_str(), value.c_str(), &error), error);
  }
  octo_client *client = nullptr;
  demand(octo_client_open(url.c_str(), set, &client, &error), error);
  return Client(client);
}

std::vector<std::string> numbered_keys(const std::string &prefix, std::size_t count) {
  std::vector<std::string> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) keys.push_back(prefix + std::to_string(i));
  return keys;
}

Batch submit(const Client &client, const std::vector<std::string> &keys, const Submit &how) {
  std::vector<octo_request> requests(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    requests[i] = octo_request{};
    requests[i].key = keys[i].data();
    requests[i].key_size = keys[i].size();
  }
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_TAG;
  options.budget_us = how.budget_us;
  options.tag = how.tag;
  if (how.queue != nullptr) options.flags |= OCTO_BATCH_QUEUE;
  if (how.keeps_attempts) options.flags |= OCTO_BATCH_ATTEMPTS;
  options.queue = how.queue;
  octo_error error = OCTO_ERROR_INIT;
  octo_batch *batch = nullptr;
  demand(octo_submit(client.get(), requests.data(), sizeof(octo_request), requests.size(), &options, &batch, &error),
         error);
  return Batch(batch);
}

std::vector<Result> results(const Batch &batch) {
  const octo_batch_info info = describe(batch);
  std::vector<octo_result> raw(info.request_count);
  if (!raw.empty()) {
    demand(octo_batch_results(batch.get(), 0, raw.data(), sizeof(octo_result), raw.size()), OCTO_ERROR_INIT);
  }
  std::vector<Result> list;
  list.reserve(raw.size());
  for (const octo_result &one : raw) {
    Result result;
    result.status = one.status;
    result.phase = one.phase;
    result.flags = one.flags;
    result.http_status = one.http_status;
    result.attempts = one.attempts;
    if (one.body != nullptr) result.body.assign(static_cast<const char *>(one.body), one.body_size);
    result.message = one.message;
    list.push_back(std::move(result));
  }
  return list;
}

std::vector<Result> fetch(const Client &client, const std::vector<std::string> &keys, const Submit &how) {
  const Batch batch = submit(client, keys, how);
  octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
  return results(batch);
}

std::size_t count_status(const std::vector<Result> &results, octo_status status) {
  std::size_t count = 0;
  for (const Result &result : results) count += result.status == status ? 1 : 0;
  return count;
}

octo_batch_info describe(const Batch &batch) {
  octo_batch_info info{};
  demand(octo_batch_describe(batch.get(), &info, sizeof info), OCTO_ERROR_INIT);
  return info;
}

octo_stats stats(const Client &client) {
  octo_stats answer{};
  demand(octo_client_stats(client.get(), &answer, sizeof answer), OCTO_ERROR_INIT);
  return answer;
}

bool all_right(const std::vector<std::string> &keys, const std::vector<Result> &results, std::size_t size,
               std::string &why) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (results[i].status != OCTO_OK) {
      why = keys[i] + ": " + octo_status_name(results[i].status) + " " + octo_phase_name(results[i].phase) + " " +
            results[i].message;
      return false;
    }
    if (results[i].body != pattern_body(keys[i], size)) {
      why = keys[i] + ": a wrong body";
      return false;
    }
  }
  return true;
}

std::size_t descriptor_count() {
  DIR *directory = ::opendir("/proc/self/fd");
  std::size_t count = 0;
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

}  // namespace octo_test
