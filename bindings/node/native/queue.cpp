// Drains the library's queue into one call of JavaScript.
#include "queue.hpp"

#include <pthread.h>

#include <array>
#include <csignal>
#include <thread>
#include <utility>

#include "refusal.hpp"

namespace octo_node {

namespace {

void wake_sink(void *sink) { static_cast<Sink *>(sink)->wake(); }

// The host's signals are for the host's threads.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals &) = delete;
  BlockedSignals &operator=(const BlockedSignals &) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

void Sink::wake() {
  const std::lock_guard lock(mutex_);
  if (!is_closed_) napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void Sink::post(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  answers_.push_back(std::move(answer));
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

std::vector<Answer> Sink::take_answers() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void Sink::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

Queue::Queue(Napi::Env env, const Napi::Function &deliver) {
  const auto call = [](napi_env called_in, napi_value function, void *context, void *) {
    // Without an environment the call is only being thrown away.
    if (called_in == nullptr) return;
    try {
      static_cast<Queue *>(context)->deliver_new(called_in, Napi::Function(called_in, function));
    } catch (const Napi::Error &error) {
      error.ThrowAsJavaScriptException();
    }
  };
  const auto name = Napi::String::New(env, "octofetch");
  if (napi_create_threadsafe_function(env, deliver, nullptr, name, 0, 1, nullptr, nullptr, this, call, &wake_) !=
      napi_ok) {
    throw Napi::Error::New(env);
  }
  napi_unref_threadsafe_function(env, wake_);
  sink_ = std::make_shared<Sink>(wake_);
  // Registered after the function's own, and therefore called before it.
  napi_add_env_cleanup_hook(
      env, [](void *queue) { static_cast<Queue *>(queue)->close(); }, this);
  check(env, octo_queue_create(&wake_sink, sink_.get(), &handle_), "queue");
}

void Queue::run_aside(uint64_t token, std::function<Answer()> wait) const {
  const BlockedSignals blocked;
  std::thread([token, sink = sink_, wait = std::move(wait)] {
    Answer answer = wait();
    answer.token = token;
    sink->post(std::move(answer));
  }).detach();
}

void Queue::hold(Napi::Env env, bool is_awaited) {
  if (is_awaited) {
    napi_ref_threadsafe_function(env, wake_);
  } else {
    napi_unref_threadsafe_function(env, wake_);
  }
}

void Queue::deliver_new(Napi::Env env, const Napi::Function &deliver) {
  const Napi::Array events = take_events(env);
  const std::vector<Answer> answers = sink_->take_answers();
  if (events.Length() == 0 && answers.empty()) return;
  const auto list = Napi::Array::New(env, answers.size() * 3);
  uint32_t at = 0;
  for (const Answer &answer : answers) {
    list.Set(at++, Napi::Number::New(env, static_cast<double>(answer.token)));
    list.Set(at++, Napi::Number::New(env, answer.status));
    list.Set(at++, Napi::String::New(env, answer.text));
  }
  deliver.Call({events, list});
}

Napi::Array Queue::take_events(Napi::Env env) {
  std::array<octo_event, 64> events{};
  const auto list = Napi::Array::New(env);
  uint32_t at = 0;
  size_t count = events.size();
  // A full array means that there may be more; each batch has at most two events waiting, so this ends.
  while (count == events.size()) {
    check(env, octo_queue_take(handle_, events.data(), sizeof(octo_event), events.size(), &count), "take");
    for (size_t i = 0; i < count; ++i) {
      const auto found = batches_.find(events[i].tag);
      if (found == batches_.end()) continue;
      const Napi::Array taken = found->second->take(env);
      const Napi::Value info = taken.Get(uint32_t{1});
      if (!info.IsUndefined()) batches_.erase(found);
      list.Set(at++, Napi::Number::New(env, static_cast<double>(events[i].tag)));
      list.Set(at++, taken.Get(uint32_t{0}));
      list.Set(at++, info);
    }
  }
  return list;
}

void Queue::close() {
  sink_->close();
  octo_queue_free(std::exchange(handle_, nullptr));
  batches_.clear();
  napi_release_threadsafe_function(wake_, napi_tsfn_release);
}

}  // namespace octo_node
