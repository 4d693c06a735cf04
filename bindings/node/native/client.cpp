// The JavaScript class Client of the addon.
#include "client.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "environment.hpp"
#include "refusal.hpp"
#include "requests.hpp"

namespace octo_node {

namespace {

constexpr uint64_t kNsPerUs = 1000;

struct FreeOptions {
  void operator()(octo_options *options) const { octo_options_free(options); }
};

std::unique_ptr<octo_options, FreeOptions> to_options(const Napi::Array &texts) {
  octo_options *made = nullptr;
  check(texts.Env(), octo_options_create(&made), "options");
  std::unique_ptr<octo_options, FreeOptions> options(made);
  for (uint32_t i = 0; i + 1 < texts.Length(); i += 2) {
    octo_error error = OCTO_ERROR_INIT;
    const std::string name = utf8_of(texts.Get(i), "options");
    const std::string value = utf8_of(texts.Get(i + 1), name);
    check_call(texts.Env(), octo_options_set(made, name.c_str(), value.c_str(), &error), error);
  }
  return options;
}

// Extra headers of a batch, (name, value, isNeutral) one after the other.
class Headers {
 public:
  explicit Headers(const Napi::Array &fields) : texts_(fields.Length()) {
    for (uint32_t i = 0; i + 2 < fields.Length(); i += 3) {
      texts_[i] = utf8_of(fields.Get(i), "the name of a header");
      texts_[i + 1] = utf8_of(fields.Get(i + 1), "the header '" + texts_[i] + "'");
      const bool is_neutral = fields.Get(i + 2).As<Napi::Boolean>();
      list_.push_back({texts_[i].c_str(), texts_[i + 1].c_str(), is_neutral ? OCTO_HEADER_NEUTRAL : uint64_t{0}});
    }
  }

  const std::vector<octo_header> &list() const { return list_; }

 private:
  std::vector<std::string> texts_;
  std::vector<octo_header> list_;
};

// The arguments of submit, in order.
enum Argument : size_t { kKeys, kBudgetUs, kDeadlineUs, kHeaders, kListener, kTag, kIsStream, kKeepsAttempts };

octo_batch_options to_batch_options(const Napi::CallbackInfo &info, const Headers &headers) {
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  if (!info[kBudgetUs].IsUndefined()) {
    options.flags |= OCTO_BATCH_BUDGET;
    options.budget_us = to_us(info[kBudgetUs]);
  }
  if (!info[kDeadlineUs].IsUndefined()) {
    options.flags |= OCTO_BATCH_DEADLINE;
    options.deadline_ns = to_us(info[kDeadlineUs]) * kNsPerUs;
  }
  if (!headers.list().empty()) {
    options.flags |= OCTO_BATCH_HEADERS;
    options.headers = headers.list().data();
    options.header_count = headers.list().size();
  }
  options.flags |= OCTO_BATCH_QUEUE | OCTO_BATCH_TAG;
  if (info[kIsStream].As<Napi::Boolean>()) options.flags |= OCTO_BATCH_STREAM;
  if (info[kKeepsAttempts].As<Napi::Boolean>()) options.flags |= OCTO_BATCH_ATTEMPTS;
  options.queue = queue_of(info[kListener]).handle();
  options.tag = to_us(info[kTag]);
  return options;
}

}  // namespace

Napi::Function Client::define(Napi::Env env) {
  return DefineClass(env, "Client",
                     {InstanceMethod<&Client::submit>("submit"), InstanceMethod<&Client::set>("set"),
                      InstanceMethod<&Client::get>("get"), InstanceMethod<&Client::set_credentials>("setCredentials"),
                      InstanceMethod<&Client::warm>("warm"), InstanceMethod<&Client::drain>("drain"),
                      InstanceMethod<&Client::stats>("stats"), InstanceMethod<&Client::explain>("explain"),
                      InstanceMethod<&Client::close>("close")});
}

Client::Client(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Client>(info) {
  const std::string url = utf8_of(info[0], "url");
  const auto options = to_options(info[1].As<Napi::Array>());
  octo_error error = OCTO_ERROR_INIT;
  check_call(info.Env(), octo_client_open(url.c_str(), options.get(), &handle_, &error), error);
}

Client::~Client() { octo_client_close(handle_); }

Napi::Value Client::submit(const Napi::CallbackInfo &info) {
  const Requests requests(info[kKeys]);
  const Headers headers(info[kHeaders].As<Napi::Array>());
  const octo_batch_options options = to_batch_options(info, headers);
  // Made first, so that nothing can fail between the submit and its owner.
  const Napi::Object made = environment_of(info.Env()).batch.New({});
  octo_batch *batch = nullptr;
  octo_error error = OCTO_ERROR_INIT;
  const auto &list = requests.list();
  check_call(info.Env(), octo_submit(handle_, list.data(), sizeof(octo_request), list.size(), &options, &batch, &error),
             error);
  Batch *const owner = Batch::Unwrap(made);
  owner->own(OwnedBatch(batch), list.size(), options.flags);
  queue_of(info[kListener]).expect(options.tag, made);
  return made;
}

void Client::set(const Napi::CallbackInfo &info) {
  octo_error error = OCTO_ERROR_INIT;
  const std::string name = utf8_of(info[0], "set");
  const std::string value = utf8_of(info[1], name);
  check_call(info.Env(), octo_client_set(handle_, name.c_str(), value.c_str(), &error), error);
}

Napi::Value Client::get(const Napi::CallbackInfo &info) {
  const std::string name = utf8_of(info[0], "get");
  size_t size = 0;
  check(info.Env(), octo_client_get(handle_, name.c_str(), nullptr, 0, &size), name);
  std::string value(size + 1, '\0');
  check(info.Env(), octo_client_get(handle_, name.c_str(), value.data(), value.size(), &size), name);
  return Napi::String::New(info.Env(), value.data(), size);
}

void Client::set_credentials(const Napi::CallbackInfo &info) {
  const std::string id = utf8_of(info[0], "credentials: accessKeyId");
  const std::string secret = utf8_of(info[1], "credentials: secretAccessKey");
  std::string token;
  octo_credentials credentials{};
  credentials.size = sizeof credentials;
  credentials.access_key_id = id.c_str();
  credentials.secret_access_key = secret.c_str();
  if (!info[2].IsUndefined()) {
    token = utf8_of(info[2], "credentials: sessionToken");
    credentials.flags |= OCTO_CREDENTIALS_SESSION_TOKEN;
    credentials.session_token = token.c_str();
  }
  if (!info[3].IsUndefined()) {
    credentials.flags |= OCTO_CREDENTIALS_EXPIRES_AT;
    credentials.expires_at_s = static_cast<uint64_t>(info[3].As<Napi::Number>().Int64Value());
  }
  octo_error error = OCTO_ERROR_INIT;
  check_call(info.Env(), octo_client_credentials_set(handle_, &credentials, &error), error);
}

void Client::warm(const Napi::CallbackInfo &info) {
  const auto wait = [client = handle_, connections = info[2].As<Napi::Number>().Uint32Value(),
                     wait_us = to_us(info[3])] {
    octo_error error = OCTO_ERROR_INIT;
    const octo_status status = octo_client_warm(client, connections, wait_us, &error);
    return Answer{0, status, error.text[0] == '\0' ? octo_status_text(status) : error.text};
  };
  queue_of(info[0]).run_aside(to_us(info[1]), wait);
}

// Without a wait; who waits is told by its batches.
Napi::Value Client::drain(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), octo_client_drain(handle_, 0));
}

Napi::Value Client::stats(const Napi::CallbackInfo &info) {
  octo_stats stats{};
  check(info.Env(), octo_client_stats(handle_, &stats, sizeof stats), "stats");
  const auto object = Napi::Object::New(info.Env());
  const std::pair<const char *, uint64_t> numbers[] = {
      {"batches", stats.batches},
      {"batchesComplete", stats.batches_complete},
      {"batchesDeadline", stats.batches_deadline},
      {"requests", stats.requests},
      {"requestsOk", stats.requests_ok},
      {"requestsOther", stats.requests_other},
      {"requestsUnsettled", stats.requests_unsettled},
      {"requestsShed", stats.requests_shed},
      {"attempts", stats.attempts},
      {"reruns", stats.reruns},
      {"connectionsOpened", stats.connections_opened},
      {"connectionsRefusedByGuard", stats.connections_refused_by_guard},
      {"lookups", stats.lookups},
      {"lookupsFailed", stats.lookups_failed},
      {"bytesReceived", stats.bytes_received},
      {"orphansFinished", stats.orphans_finished},
      {"orphansCut", stats.orphans_cut},
      {"connectionsOpen", stats.connections_open},
      {"connectionsIdle", stats.connections_idle},
      {"slotsBusy", stats.slots_busy},
      {"queued", stats.queued},
      {"memoryActive", stats.memory_active},
      {"memoryDelivered", stats.memory_delivered},
      {"serviceUsP50", stats.service_us_p50},
      {"serviceUsP90", stats.service_us_p90},
      {"serviceUsP99", stats.service_us_p99},
      {"estimateUs", stats.estimate_us},
      {"forksUnawaited", stats.forks_unawaited}};
  for (const auto &[name, number] : numbers)
    object.Set(name, Napi::Number::New(info.Env(), static_cast<double>(number)));
  return object;
}

Napi::Value Client::explain(const Napi::CallbackInfo &info) {
  // Most documents fit at once, and one that grew meanwhile is asked for again; the library bounds it.
  std::string text(4096, '\0');
  size_t size = text.size();
  while (size >= text.size()) {
    text.resize(size + size / 4);
    check(info.Env(), octo_client_explain(handle_, OCTO_EXPLAIN_JSON, text.data(), text.size(), &size), "explain");
  }
  return Napi::String::New(info.Env(), text.data(), size);
}

void Client::close(const Napi::CallbackInfo &) { octo_client_close(handle_); }

}  // namespace octo_node
