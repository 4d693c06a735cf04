// Drains the library's queue into JavaScript, one call a batch.
#include "queue.hpp"

#include <pthread.h>

#include <array>
#include <csignal>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "batch.hpp"
#include "refusal.hpp"

namespace octo_node {

namespace {

// The hook of the library's queue, which is freed before the function goes.
void wake(void *function) {
  napi_call_threadsafe_function(static_cast<napi_threadsafe_function>(function), nullptr, napi_tsfn_nonblocking);
}

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

void Sink::post(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  answers_.push_back(std::move(answer));
  has_answers_.store(true, std::memory_order_relaxed);
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

std::vector<Answer> Sink::take_answers() {
  if (!has_answers_.load(std::memory_order_relaxed)) return {};
  const std::lock_guard lock(mutex_);
  has_answers_.store(false, std::memory_order_relaxed);
  return std::exchange(answers_, {});
}

void Sink::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

Queue::Queue(Napi::Env env, const Napi::Function &take, const Napi::Function &fail, const Napi::Function &answer)
    : take_(Napi::Persistent(take)), fail_(Napi::Persistent(fail)), answer_(Napi::Persistent(answer)) {
  const auto call = [](napi_env called_in, napi_value, void *context, void *) {
    // Without an environment the call is only being thrown away.
    if (called_in == nullptr) return;
    try {
      static_cast<Queue *>(context)->deliver_new(called_in);
    } catch (const Napi::Error &error) {
      error.ThrowAsJavaScriptException();
    } catch (const std::exception &error) {
      Napi::Error::New(called_in, error.what()).ThrowAsJavaScriptException();
    }
  };
  const auto name = Napi::String::New(env, "octofetch");
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, call, &wake_) !=
      napi_ok) {
    throw Napi::Error::New(env);
  }
  napi_unref_threadsafe_function(env, wake_);
  sink_ = std::make_shared<Sink>(wake_);
  const octo_status status = octo_queue_create(&wake, wake_, &handle_);
  if (status != OCTO_OK) napi_release_threadsafe_function(wake_, napi_tsfn_release);
  check(env, status, "queue");
  // Registered after the function's own, and therefore called before it.
  napi_add_env_cleanup_hook(
      env, [](void *queue) { static_cast<Queue *>(queue)->close(); }, this);
}

// What is wrong with one batch is that batch's own: the library does not announce the others of this take again.
void Queue::deliver_batch(Napi::Env env, uint64_t tag) {
  const auto found = batches_.find(tag);
  if (found == batches_.end()) return;
  Batch *const batch = Batch::Unwrap(found->second.Value());
  try {
    if (batch->deliver(env, take_.Value(), tag, arguments_)) batches_.erase(tag);
  } catch (const Napi::Error &error) {
    fail(env, tag, error.Value());
  } catch (const std::exception &error) {
    fail(env, tag, Napi::Error::New(env, error.what()).Value());
  }
}

void Queue::fail(Napi::Env env, uint64_t tag, const Napi::Value &reason) {
  batches_.erase(tag);
  fail_.Call({Napi::Number::New(env, static_cast<double>(tag)), reason});
}

void Queue::run_aside(uint64_t token, std::function<Answer()> wait) const {
  const BlockedSignals blocked;
  try {
    std::thread([token, sink = sink_, wait = std::move(wait)] {
      Answer answer = wait();
      answer.token = token;
      sink->post(std::move(answer));
    }).detach();
  } catch (const std::system_error &error) {
    sink_->post(
        {token, OCTO_LOCAL_RESOURCE, std::string("the process has no thread left to wait on: ") + error.what()});
  }
}

void Queue::hold(Napi::Env env, bool is_awaited) {
  if (is_awaited) {
    napi_ref_threadsafe_function(env, wake_);
  } else {
    napi_unref_threadsafe_function(env, wake_);
  }
}

void Queue::deliver_new(Napi::Env env) {
  deliver_events(env);
  for (const Answer &answer : sink_->take_answers()) {
    answer_.Call({Napi::Number::New(env, static_cast<double>(answer.token)), Napi::Number::New(env, answer.status),
                  Napi::String::New(env, answer.text)});
  }
}

void Queue::deliver_events(Napi::Env env) {
  std::array<octo_event, 64> events{};
  size_t count = events.size();
  // A full array means that there may be more; each batch has at most two events waiting, so this ends.
  while (count == events.size()) {
    check(env, octo_queue_take(handle_, events.data(), sizeof(octo_event), events.size(), &count), "take");
    for (size_t i = 0; i < count; ++i) deliver_batch(env, events[i].tag);
  }
}

void Queue::close() {
  sink_->close();
  octo_queue_free(std::exchange(handle_, nullptr));
  batches_.clear();
  napi_release_threadsafe_function(wake_, napi_tsfn_release);
}

}  // namespace octo_node
