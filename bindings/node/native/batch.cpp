// The JavaScript class Batch of the addon.
#include "batch.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "attempts.hpp"
#include "record.hpp"
#include "refusal.hpp"

namespace octo_node {

namespace {

// What the library keeps of a settled request besides its body, about.
constexpr size_t kOutcomeSize = 512;
// And of an attempt.
constexpr size_t kAttemptSize = 256;

}  // namespace

Napi::Function Batch::define(Napi::Env env) {
  return DefineClass(env, "Batch",
                     {InstanceMethod<&Batch::explain>("explain"), InstanceMethod<&Batch::numbers>("numbers"),
                      InstanceMethod<&Batch::texts>("texts"), InstanceMethod<&Batch::attempts>("attempts"),
                      InstanceMethod<&Batch::cancel>("cancel")});
}

Batch::~Batch() {
  octo_batch_free(handle_);
  account(Env(), 0);
}

void Batch::own(OwnedBatch owned, size_t request_count, uint32_t flags) {
  handle_ = owned.release();
  request_count_ = request_count;
  flags_ = flags;
}

bool Batch::deliver(Napi::Env env, const Napi::Function &take, uint64_t tag, std::vector<napi_value> &arguments) {
  octo_batch_info info{};
  check(env, octo_batch_describe(handle_, &info, sizeof info), "describe");
  const octo_status state = info.state;
  const std::vector<size_t> indexes = take_indexes(state != OCTO_AGAIN);
  if (indexes.empty() && state == OCTO_AGAIN) return false;
  size_t done = 0;
  do {
    const Napi::HandleScope scope(env);
    const size_t count = std::min(indexes.size() - done, kResultCountMax);
    // As far as JavaScript knows it is open until all is there.
    info.state = done + count == indexes.size() ? state : OCTO_AGAIN;
    arguments.clear();
    arguments.reserve(2 + kInfoCount + count * kFieldCount);
    arguments.push_back(Napi::Number::New(env, static_cast<double>(tag)));
    arguments.push_back(Value());
    append_info(env, info, arguments);
    const size_t copied_size = append_results(env, handle_, indexes.data() + done, count, arguments);
    const size_t attempts_size = info.state == OCTO_AGAIN ? 0 : info.attempt_count * kAttemptSize;
    account(env, static_cast<size_t>(accounted_size_) + copied_size + count * kOutcomeSize + attempts_size);
    take.Call(arguments);
    done += count;
  } while (done < indexes.size());
  return state != OCTO_AGAIN;
}

std::vector<size_t> Batch::take_indexes(bool is_frozen) {
  std::vector<size_t> indexes;
  if ((flags_ & OCTO_BATCH_STREAM) != 0) {
    size_t index = 0;
    while (octo_batch_next(handle_, 0, &index) == OCTO_OK) indexes.push_back(index);
  } else if (is_frozen) {
    indexes.resize(request_count_);
    std::iota(indexes.begin(), indexes.end(), size_t{0});
  }
  return indexes;
}

Napi::Value Batch::explain(const Napi::CallbackInfo &info) {
  const int32_t format = info[0].As<Napi::Number>();
  size_t size = 0;
  check(info.Env(), octo_batch_explain(handle_, format, nullptr, 0, &size), "explain");
  std::string text(size + 1, '\0');
  check(info.Env(), octo_batch_explain(handle_, format, text.data(), text.size(), &size), "explain");
  return Napi::String::New(info.Env(), text.data(), size);
}

Napi::Value Batch::numbers(const Napi::CallbackInfo &info) {
  return read_numbers(info.Env(), handle_, info[0].As<Napi::Number>().Uint32Value());
}

Napi::Value Batch::texts(const Napi::CallbackInfo &info) {
  const std::string texts = read_texts(info.Env(), handle_, info[0].As<Napi::Number>().Uint32Value());
  return Napi::String::New(info.Env(), texts.data(), texts.size());
}

Napi::Value Batch::attempts(const Napi::CallbackInfo &info) {
  return (flags_ & OCTO_BATCH_ATTEMPTS) == 0 ? info.Env().Undefined() : read_attempts(info.Env(), handle_);
}

void Batch::cancel(const Napi::CallbackInfo &) { octo_batch_cancel(handle_); }

void Batch::account(Napi::Env env, size_t size) {
  const auto wanted = static_cast<int64_t>(size);
  if (wanted == accounted_size_) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, wanted - accounted_size_);
  accounted_size_ = wanted;
}

}  // namespace octo_node
