// Batches as tests need them: on a fake clock, with a host that counts what it is told and bodies of known bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "batch/batch.hpp"
#include "fake_clock.hpp"

namespace octo {

class RecordingHost final : public BatchHost {
 public:
  void on_frozen(Batch &, Cause cause) noexcept override {
    last_cause = cause;
    frozen_count.fetch_add(1);
  }
  void on_freed(Batch &) noexcept override { freed_count.fetch_add(1); }

  std::atomic<std::uint32_t> frozen_count{0};
  std::atomic<std::uint32_t> freed_count{0};
  std::atomic<Cause> last_cause{Cause::open};
};

class RecordingAnnouncer final : public Announcer {
 public:
  void announce(Batch &, std::uint32_t kinds) noexcept override {
    if ((kinds & kFrozen) != 0) frozen_count.fetch_add(1);
    if ((kinds & kSettled) != 0) settled_count.fetch_add(1);
  }

  std::atomic<std::uint32_t> frozen_count{0};
  std::atomic<std::uint32_t> settled_count{0};
};

inline Outcome outcome_with(Status status) {
  Outcome outcome;
  outcome.status = status;
  return outcome;
}

// Charged as an exchange charges what it receives.
inline Buffer charged_bytes(Ledger &ledger, std::size_t size, unsigned char fill) {
  const std::string bytes(size, static_cast<char>(fill));
  Buffer buffer;
  if (!buffer.append(bytes.data(), bytes.size())) std::abort();
  ledger.charge(size);
  return buffer;
}

// The world of some batches: their time, ledger, addresses and host.
class BatchWorld {
 public:
  BatchSpec spec(std::uint32_t request_count, Duration budget = 300ms) {
    BatchSpec spec;
    spec.submitted_at = clock.now();
    spec.deadline = later_by(spec.submitted_at, budget);
    spec.requests.resize(request_count);
    for (std::uint32_t i = 0; i < request_count; ++i) {
      spec.requests[i].key = "key-" + std::to_string(i);
      spec.requests[i].target = "/key-" + std::to_string(i);
    }
    spec.host = host;
    spec.ledger = ledger;
    spec.addresses = addresses;
    return spec;
  }
  Ref<Batch> batch(BatchSpec spec) { return Ref<Batch>::adopt(new Batch(std::move(spec), clock)); }
  Ref<Batch> batch(std::uint32_t request_count, Duration budget = 300ms) { return batch(spec(request_count, budget)); }

  Outcome ok_outcome(std::size_t body_size = 0, unsigned char fill = 'x') {
    Outcome outcome = outcome_with(Status::ok);
    outcome.body = Ref<Body>::adopt(new Body(charged_bytes(*ledger, body_size, fill), ledger));
    return outcome;
  }

  FakeClock clock;
  Ref<Ledger> ledger = Ref<Ledger>::adopt(new Ledger(std::uint64_t{1} << 30));
  Ref<AddressBook> addresses = Ref<AddressBook>::adopt(new AddressBook);
  std::shared_ptr<RecordingHost> host = std::make_shared<RecordingHost>();
};

}  // namespace octo
