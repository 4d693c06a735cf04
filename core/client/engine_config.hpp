// What an engine is built from: the client's options in the terms of the layers below. Fixed.
#pragma once

#include <memory>
#include <optional>

#include "base/time.hpp"
#include "schedule/config.hpp"
#include "schedule/request_signer.hpp"
#include "transport/config.hpp"
#include "transport/trust_store.hpp"

namespace octo {

struct EngineConfig {
  TransportConfig transport;
  ScheduleConfig schedule;
  std::shared_ptr<TrustStore> trust_store;  // null for http
  std::optional<SigningConfig> signing;     // none where nothing is signed
  std::uint64_t memory_bytes_max = 0;
  Duration threads_idle{};
};

}  // namespace octo
