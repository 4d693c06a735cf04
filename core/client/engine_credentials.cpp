// Handing credentials from thread to thread, for engine_credentials.hpp.
#include "client/engine_credentials.hpp"

#include <utility>

namespace octo {

// Whoever hands over looks again: a thread that was held up between its two steps would undo a newer one's.
void EngineCredentials::take_over(const CredentialSlot &given) noexcept {
  Ref<SharedCredentials> newest;
  do {
    newest = given.get();
    replace(newest);
  } while (given.get().get() != newest.get());
}

void EngineCredentials::replace(Ref<SharedCredentials> newest) noexcept {
  const auto unused = Ref<SharedCredentials>::adopt(fresh_.exchange(newest.leak(), std::memory_order_acq_rel));
}

Result<const Credentials *> EngineCredentials::pick(std::chrono::sys_seconds now) {
  auto fresh = Ref<SharedCredentials>::adopt(fresh_.exchange(nullptr, std::memory_order_acq_rel));
  if (!fresh) return sets_.pick(now);
  try {
    auto copy = make_credentials(fresh->value.text());
    if (!copy.is_ok()) return copy.failure();
    sets_.set(std::move(copy.value()));
  } catch (...) {
    // Not lost for want of memory, unless newer ones have come.
    SharedCredentials *none = nullptr;
    if (fresh_.compare_exchange_strong(none, fresh.get(), std::memory_order_acq_rel)) static_cast<void>(fresh.leak());
    throw;
  }
  return sets_.pick(now);
}

}  // namespace octo
