// How another thread makes the engine's loop turn once.
#pragma once

namespace octo {

// Any thread; never blocks. Many wakes may cause one turn.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() noexcept = 0;
};

}  // namespace octo
