// How threads come back into the interpreter, and how they are kept outside when it ends.
#include "gil.hpp"

#include <atomic>
#include <chrono>
#include <thread>

namespace octo_python {

namespace {

// Threads between their look at is_ending and holding the lock. keep_threads_outside waits until there are none, so that
// nobody asks an interpreter for its lock that has begun to end.
std::atomic<int> coming_back{0};
std::atomic<bool> is_ending{false};
std::atomic<std::thread::id> ending_thread{};

constexpr auto kPatience = std::chrono::milliseconds(20);
constexpr auto kPause = std::chrono::microseconds(100);

[[noreturn]] void stay_outside() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace

WithoutGil::~WithoutGil() {
  coming_back.fetch_add(1);
  if (is_ending.load() && ending_thread.load() != std::this_thread::get_id()) {
    coming_back.fetch_sub(1);
    stay_outside();
  }
  PyEval_RestoreThread(state_);
  coming_back.fetch_sub(1);
}

void keep_threads_outside() {
  ending_thread.store(std::this_thread::get_id());
  is_ending.store(true);
  PyThreadState *const state = PyEval_SaveThread();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (coming_back.load() != 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kPause);
  PyEval_RestoreThread(state);
}

}  // namespace octo_python
