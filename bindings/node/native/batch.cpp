// The JavaScript class Batch of the addon.
#include "batch.hpp"

#include <numeric>
#include <string>
#include <vector>

#include "record.hpp"
#include "refusal.hpp"

namespace octo_node {

namespace {

// What the library keeps of a settled request besides its body, about.
constexpr size_t kOutcomeSize = 512;

Napi::Array to_array(Napi::Env env, const octo_batch_info &info) {
  const auto numbers = Napi::Array::New(env, 10);
  uint32_t at = 0;
  numbers.Set(at++, Napi::Number::New(env, info.state));
  for (const uint64_t number :
       {info.settled_count, info.ok_count, info.missing_count, info.late_count, info.failed_count, info.budget_us,
        info.frozen_us, info.pickup_lag_us, info.body_size}) {
    numbers.Set(at++, Napi::Number::New(env, static_cast<double>(number)));
  }
  return numbers;
}

}  // namespace

Napi::Function Batch::define(Napi::Env env) {
  return DefineClass(env, "Batch",
                     {InstanceMethod<&Batch::explain>("explain"), InstanceMethod<&Batch::texts>("texts"),
                      InstanceMethod<&Batch::cancel>("cancel")});
}

Batch::~Batch() {
  octo_batch_free(handle_);
  account(Env(), 0);
}

void Batch::own(OwnedBatch owned, size_t request_count, bool is_stream) {
  handle_ = owned.release();
  request_count_ = request_count;
  is_stream_ = is_stream;
}

Napi::Array Batch::take(Napi::Env env) {
  octo_batch_info info{};
  check(env, octo_batch_describe(handle_, &info, sizeof info), "describe");
  const bool is_frozen = info.state != OCTO_AGAIN;
  const auto taken = Napi::Array::New(env, 2);
  taken.Set(uint32_t{0}, take_packet(env, is_frozen));
  if (is_frozen) taken.Set(uint32_t{1}, to_array(env, info));
  return taken;
}

Napi::Value Batch::take_packet(Napi::Env env, bool is_frozen) {
  std::vector<size_t> indexes;
  if (is_stream_) {
    size_t index = 0;
    while (octo_batch_next(handle_, 0, &index) == OCTO_OK) indexes.push_back(index);
  } else if (is_frozen) {
    indexes.resize(request_count_);
    std::iota(indexes.begin(), indexes.end(), size_t{0});
  }
  if (indexes.empty()) return env.Undefined();
  const Packet packet = read_records(env, handle_, indexes, Value());
  account(env, static_cast<size_t>(accounted_size_) + packet.copied_size + indexes.size() * kOutcomeSize);
  return packet.values;
}

Napi::Value Batch::explain(const Napi::CallbackInfo &info) {
  const int32_t format = info[0].As<Napi::Number>();
  size_t size = 0;
  check(info.Env(), octo_batch_explain(handle_, format, nullptr, 0, &size), "explain");
  std::string text(size + 1, '\0');
  check(info.Env(), octo_batch_explain(handle_, format, text.data(), text.size(), &size), "explain");
  return Napi::String::New(info.Env(), text.data(), size);
}

Napi::Value Batch::texts(const Napi::CallbackInfo &info) {
  const std::string texts = read_texts(info.Env(), handle_, info[0].As<Napi::Number>().Uint32Value());
  return Napi::String::New(info.Env(), texts.data(), texts.size());
}

void Batch::cancel(const Napi::CallbackInfo &) { octo_batch_cancel(handle_); }

void Batch::account(Napi::Env env, size_t size) {
  const auto wanted = static_cast<int64_t>(size);
  if (wanted == accounted_size_) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, wanted - accounted_size_);
  accounted_size_ = wanted;
}

}  // namespace octo_node
