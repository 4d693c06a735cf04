// What is kept of one exchange where its batch keeps its attempts; where it does not, nothing happens. I/O thread only.
#pragma once

#include "batch/batch.hpp"
#include "transport/seam.hpp"

namespace octo {

class AttemptNote {
 public:
  void begin(Batch &batch, std::uint32_t index, std::uint32_t number, AttemptCause cause, const Endpoint &endpoint,
             Instant now) noexcept;
  void enter(Phase phase, Instant at) noexcept;
  void note_bytes(std::uint64_t received) noexcept;
  void end(const ExchangeEnd &end, Instant now) noexcept;
  // Nobody wants it any more.
  void cut(Status status, std::uint64_t bytes_received, Instant now) noexcept;

 private:
  std::uint64_t us(Instant at) const noexcept { return count_us(at - batch_->submitted_at()); }
  void finish(AttemptEnd end, Instant now) noexcept;

  Batch *batch_ = nullptr;
  AttemptEntry *entry_ = nullptr;
  Phase phase_ = Phase::connecting;
  Instant since_{};
};

}  // namespace octo
