// A batch as JavaScript sees it: what octofetch.h offers for octo_batch, in calls that cross once.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace octo_node {

class Queue;

struct FreeBatch {
  void operator()(octo_batch *batch) const { octo_batch_free(batch); }
};
using OwnedBatch = std::unique_ptr<octo_batch, FreeBatch>;

// The thread of its environment only.
class Batch : public Napi::ObjectWrap<Batch> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit Batch(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Batch>(info) {}
  ~Batch() override;
  Batch(const Batch &) = delete;
  Batch &operator=(const Batch &) = delete;

  // Called once, by the submit that made it.
  void own(OwnedBatch owned, size_t request_count, uint32_t flags);

  // Calls `take(tag, batch, ...)` with what is new, as record.hpp orders it, by way of `arguments`; whether it is frozen,
  // and this was the last.
  bool deliver(Napi::Env env, const Napi::Function &take, uint64_t tag, std::vector<napi_value> &arguments);

 private:
  Napi::Value explain(const Napi::CallbackInfo &info);
  Napi::Value numbers(const Napi::CallbackInfo &info);
  Napi::Value texts(const Napi::CallbackInfo &info);
  Napi::Value attempts(const Napi::CallbackInfo &info);
  void cancel(const Napi::CallbackInfo &info);

  std::vector<size_t> take_indexes(bool is_frozen);
  void account(Napi::Env env, size_t size);

  octo_batch *handle_ = nullptr;
  size_t request_count_ = 0;
  uint32_t flags_ = 0;          // OCTO_BATCH_...
  int64_t accounted_size_ = 0;  // that V8 was told of
};

}  // namespace octo_node
