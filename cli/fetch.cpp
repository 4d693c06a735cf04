// Opens, submits and waits, by the public header alone.
#include "fetch.hpp"

#include <fmt/format.h>

#include "escape.hpp"
#include "exit_code.hpp"

namespace octo::cli {
namespace {

Client open_client(const std::string &url, const octo_options *options) {
  octo_error error = OCTO_ERROR_INIT;
  octo_client *client = nullptr;
  if (octo_client_open(url.c_str(), options, &client, &error) != OCTO_OK) {
    throw Failure(kExitConfiguration, escape_sentence(error.text));
  }
  return Client(client);
}

octo_request request_of(const GetArguments &arguments, const std::string &key) {
  octo_request request{};
  request.key = key.data();
  request.key_size = key.size();
  if (arguments.version_id) {
    request.flags |= OCTO_REQUEST_VERSION_ID;
    request.version_id = arguments.version_id->c_str();
  }
  if (arguments.if_none_match) {
    request.flags |= OCTO_REQUEST_IF_NONE_MATCH;
    request.if_none_match = arguments.if_none_match->c_str();
  }
  if (arguments.priority) {
    request.flags |= OCTO_REQUEST_PRIORITY;
    request.priority = *arguments.priority;
  }
  if (arguments.range) {
    request.flags |= arguments.range->flag;
    request.range_first = arguments.range->first;
    request.range_last = arguments.range->last;
  }
  return request;
}

Batch submit(octo_client *client, const GetArguments &arguments, const std::vector<std::string> &keys) {
  std::vector<octo_request> requests;
  requests.reserve(keys.size());
  for (const std::string &key : keys) requests.push_back(request_of(arguments, key));
  std::vector<octo_header> headers;
  for (const Header &header : arguments.headers) headers.push_back({header.name.c_str(), header.value.c_str(), 0});

  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  if (arguments.budget_us) {
    options.flags |= OCTO_BATCH_BUDGET;
    options.budget_us = *arguments.budget_us;
  }
  if (!headers.empty()) {
    options.flags |= OCTO_BATCH_HEADERS;
    options.headers = headers.data();
    options.header_count = headers.size();
  }
  octo_error error = OCTO_ERROR_INIT;
  octo_batch *batch = nullptr;
  const octo_status status =
      octo_submit(client, requests.data(), sizeof(octo_request), requests.size(), &options, &batch, &error);
  if (status == OCTO_OK) return Batch(batch);
  const bool is_callers = status == OCTO_INVALID_ARGUMENT || status == OCTO_UNSUPPORTED;
  throw Failure(is_callers ? kExitUsage : kExitSomeFailed, escape_sentence(error.text));
}

}  // namespace

Fetch::Fetch(const GetArguments &arguments, const std::vector<std::string> &keys, const Settings &settings)
    : client_(open_client(arguments.url, settings.options.get())), batch_(submit(client_.get(), arguments, keys)) {}

void Fetch::run(const Events &events) const {
  bool is_cancelled = false;
  bool may_wait = false;
  while (true) {
    if (!is_cancelled && events.is_over()) {
      octo_batch_cancel(batch_.get());
      is_cancelled = true;
    }
    if (may_wait) events.on_idle();
    std::size_t index = 0;
    const octo_status next = octo_batch_next(batch_.get(), may_wait ? kTickUs : 0, &index);
    if (next == OCTO_END) return;
    may_wait = next == OCTO_AGAIN;
    if (may_wait) continue;
    octo_result result{};
    const bool is_read =
        next == OCTO_OK && octo_batch_results(batch_.get(), index, &result, sizeof result, 1) == OCTO_OK;
    if (!is_read) throw Failure(kExitSomeFailed, fmt::format("the batch broke off: {}", octo_status_text(next)));
    events.on_result(index, result);
  }
}

octo_batch_info Fetch::describe() const {
  octo_batch_info info{};
  if (octo_batch_describe(batch_.get(), &info, sizeof info) != OCTO_OK) {
    throw Failure(kExitSomeFailed, "the batch cannot be described");
  }
  return info;
}

}  // namespace octo::cli
