// The credentials that a client was given last, for the engines of this process and of its children.
//
// A fork may happen while another thread is inside of here. That thread does not exist in the child, so a lock that it
// holds counts as open there; what it guards is one pointer, whole at any moment.
#pragma once

#include <atomic>
#include <cstdint>

#include "auth/credentials.hpp"
#include "base/ref.hpp"

namespace octo {

class SharedCredentials final : public Counted<SharedCredentials> {
 public:
  explicit SharedCredentials(Credentials given) noexcept : value(std::move(given)) {}
  const Credentials value;
};

class CredentialSlot {
 public:
  ~CredentialSlot();
  CredentialSlot() = default;
  CredentialSlot(const CredentialSlot &) = delete;
  CredentialSlot &operator=(const CredentialSlot &) = delete;

  // Any thread but the I/O thread.
  void put(Ref<SharedCredentials> credentials) noexcept;
  Ref<SharedCredentials> get() const noexcept;

 private:
  void lock() const noexcept;
  void unlock() const noexcept { owner_.store(0, std::memory_order_release); }

  mutable std::atomic<std::uint64_t> owner_{0};  // the generation of the process whose thread is inside, 0 for none
  std::atomic<SharedCredentials *> held_{nullptr};
};

}  // namespace octo
