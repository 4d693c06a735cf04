// The credentials that one engine signs with: what the host hands over on any thread, taken up by the I/O thread at
// its next attempt.
#pragma once

#include <atomic>

#include "client/credential_slot.hpp"
#include "schedule/request_signer.hpp"

namespace octo {

class EngineCredentials final : public CredentialSource {
 public:
  ~EngineCredentials() { replace({}); }
  EngineCredentials() = default;
  EngineCredentials(const EngineCredentials &) = delete;
  EngineCredentials &operator=(const EngineCredentials &) = delete;

  // Any thread: takes what the client was given last, also when several threads give at once.
  void take_over(const CredentialSlot &given) noexcept;
  // I/O thread.
  Result<const Credentials *> pick(std::chrono::sys_seconds now) override;

 private:
  // What was handed over before and not taken up yet is forgotten.
  void replace(Ref<SharedCredentials> newest) noexcept;

  std::atomic<SharedCredentials *> fresh_{nullptr};
  // I/O thread only; kept from one thread to the next.
  CredentialSets sets_;
};

}  // namespace octo
