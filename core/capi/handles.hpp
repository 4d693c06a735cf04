// Checked handles: pointer values that name a slot and a generation, so that a stale one is recognised.
//
// The slots are never unmapped, and a handle is never dereferenced. A pin keeps the object alive through a call;
// ending a handle waits for nobody: the last pin, or the end itself, lets the object go. Lock-free, and so usable in a
// forked child.
#pragma once

#include <cstdint>

#include "base/status.hpp"

namespace octo {

enum class HandleKind : std::uint8_t { options = 1, client = 2, batch = 3, queue = 4 };

// Takes over one reference of `object`; 0 without memory or a free slot.
std::uintptr_t handle_create(HandleKind kind, void *object) noexcept;

// Ends the handle: from now on every use answers Status::closed. Those under way go on. The object of the last pin is
// let go. Status::closed when it has ended already, Status::invalid_argument for what never was one.
Status handle_end(std::uintptr_t handle, HandleKind kind) noexcept;

// A call's hold on the object behind a handle.
class Pin {
 public:
  Pin(std::uintptr_t handle, HandleKind kind) noexcept;
  ~Pin();
  Pin(const Pin &) = delete;
  Pin &operator=(const Pin &) = delete;

  // ok, closed, invalid_argument; forked for a batch or queue of the parent process.
  Status status() const noexcept { return status_; }
  bool is_ok() const noexcept { return status_ == Status::ok; }
  // The handle ended while this call went on.
  bool has_ended() const noexcept;
  template <typename T>
  T &object() const noexcept {
    return *static_cast<T *>(object_);
  }

 private:
  const std::uintptr_t handle_;
  Status status_ = Status::invalid_argument;
  void *object_ = nullptr;
};

// Calls `visit(object)` for every live handle of a kind; each is pinned meanwhile.
void for_each_handle(HandleKind kind, void (*visit)(void *object)) noexcept;

}  // namespace octo
