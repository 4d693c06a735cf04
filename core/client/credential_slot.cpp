// The lock of credential_slot.hpp.
#include "client/credential_slot.hpp"

#include <sched.h>

#include "base/os_generation.hpp"

namespace octo {

CredentialSlot::~CredentialSlot() { put({}); }

void CredentialSlot::put(Ref<SharedCredentials> credentials) noexcept {
  lock();
  const auto before = Ref<SharedCredentials>::adopt(held_.exchange(credentials.leak(), std::memory_order_relaxed));
  unlock();
}

Ref<SharedCredentials> CredentialSlot::get() const noexcept {
  lock();
  Ref<SharedCredentials> held = Ref<SharedCredentials>::share(held_.load(std::memory_order_relaxed));
  unlock();
  return held;
}

// Held for a handful of instructions.
void CredentialSlot::lock() const noexcept {
  const std::uint64_t self = process_generation();
  std::uint64_t owner = owner_.load(std::memory_order_relaxed);
  while (true) {
    if (owner == self) {
      ::sched_yield();
      owner = owner_.load(std::memory_order_relaxed);
    } else if (owner_.compare_exchange_weak(owner, self, std::memory_order_acquire, std::memory_order_relaxed)) {
      return;
    }
  }
}

}  // namespace octo
