// How the library wakes one thread of JavaScript, the main one or a worker's: once for all that has happened since. Each
// copy of the package's modules has a queue of its own, also where Node has given several of them one addon.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace octo_node {

// What a call that blocks has answered.
struct Answer {
  uint64_t token;
  octo_status status;
  std::string text;
};

// Where threads of calls that block leave their answers. It may outlive the environment: from close() on it takes
// nothing, as a thread-safe function must not be called once its environment has begun to end.
class Sink {
 public:
  explicit Sink(napi_threadsafe_function wake) : wake_(wake) {}

  // Any thread.
  void post(Answer answer);

  // The environment's thread.
  std::vector<Answer> take_answers();
  void close();

 private:
  // A hint, so that a wake-up of batches alone takes no lock: that of `post` follows what it sets.
  std::atomic<bool> has_answers_{false};
  std::mutex mutex_;
  // Any thread, under mutex_.
  bool is_closed_ = false;
  const napi_threadsafe_function wake_;
  std::vector<Answer> answers_;
};

// The thread of its environment only.
class Queue {
 public:
  // `take` is called for each batch that has something new, as batch.hpp says; `fail(tag, error)` for one of which that
  // could not be read; `answer(token, status, text)` for what was called aside. None of them throws.
  Queue(Napi::Env env, const Napi::Function &take, const Napi::Function &fail, const Napi::Function &answer);
  ~Queue() = default;
  Queue(const Queue &) = delete;
  Queue &operator=(const Queue &) = delete;

  octo_queue *handle() const { return handle_; }

  // Keeps the batch, an object of the class Batch, until it has been handed over.
  void expect(uint64_t tag, const Napi::Object &batch) { batches_[tag] = Napi::Persistent(batch); }

  // Hands over what a batch has by now, announced or not; one that is unknown or was handed over has nothing.
  void deliver_batch(Napi::Env env, uint64_t tag);

  // Calls `wait` on a thread of its own, as it blocks; the answer is delivered with `token`.
  void run_aside(uint64_t token, std::function<Answer()> wait) const;

  // Whether what is awaited keeps the process alive.
  void hold(Napi::Env env, bool is_awaited);

 private:
  void deliver_new(Napi::Env env);
  void deliver_events(Napi::Env env);
  void fail(Napi::Env env, uint64_t tag, const Napi::Value &reason);
  void close();

  const Napi::FunctionReference take_;
  const Napi::FunctionReference fail_;
  const Napi::FunctionReference answer_;
  napi_threadsafe_function wake_ = nullptr;
  octo_queue *handle_ = nullptr;
  std::shared_ptr<Sink> sink_;
  std::unordered_map<uint64_t, Napi::ObjectReference> batches_;
  // Of a call of take_, kept because malloc tidies up all it has when it is asked for that much.
  std::vector<napi_value> arguments_;
};

}  // namespace octo_node
