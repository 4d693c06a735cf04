// An attempt: one try on the wire for a flight, over one address or, while none connects, over several at once.
//
// The next address joins when the one before has not connected after connect.next_after, or as soon as it fails; the
// first that connects sends the request, the others are dropped. An attempt whose batch froze goes on as an orphan for
// a short while, to keep its connection. I/O thread only.
#pragma once

#include <array>
#include <cstdint>

#include "batch/batch.hpp"
#include "metrics/counters.hpp"
#include "schedule/addresses.hpp"
#include "schedule/attempt_note.hpp"
#include "schedule/request_signer.hpp"
#include "transport/seam.hpp"

namespace octo {

struct Flight;
class Attempt;

// What an attempt tells the scheduler; outside of any transport callback. After on_attempt_end the attempt may be
// destroyed.
class AttemptEvents {
 public:
  virtual void on_attempt_progress(Attempt &attempt, Phase phase, Instant at) noexcept = 0;
  virtual void on_attempt_end(Attempt &attempt, ExchangeEnd end) noexcept = 0;

 protected:
  ~AttemptEvents() = default;
};

class Attempt {
 public:
  // How many addresses one attempt tries.
  static constexpr std::size_t kLegsMax = 4;

  struct Parts {
    Transport &transport;
    Addresses &addresses;
    Counters &counters;
    const Clock &clock;
    const ScheduleConfig &config;
    AttemptEvents &events;
    RequestSigner *signer = nullptr;                           // null where nothing is signed
    const std::vector<std::string> *client_headers = nullptr;  // of every request, for the signer
  };
  Attempt(const Parts &parts, Flight *flight, Ref<Batch> batch, std::uint32_t index) noexcept;
  ~Attempt();
  Attempt(const Attempt &) = delete;
  Attempt &operator=(const Attempt &) = delete;

  // False when not even one exchange could be started; failure() says why.
  bool start(Instant now) noexcept;
  const Failure &failure() const noexcept { return failure_; }
  // Adds the next address when it is time, and drops the legs that lost the race.
  void advance(Instant now) noexcept;
  // When advance() has something to do; kNever for nothing.
  Instant next_at() const noexcept;

  // Notes of what still runs that nobody wants it any more. It goes with the attempt.
  void note_cut(Status status) noexcept;
  void become_orphan(Instant until) noexcept;
  bool is_orphan() const noexcept { return flight_ == nullptr; }
  Instant orphan_until() const noexcept { return orphan_until_; }

  Flight *flight() const noexcept { return flight_; }
  Batch &batch() const noexcept { return *batch_; }
  std::uint32_t index() const noexcept { return index_; }
  Phase phase() const noexcept { return phase_; }
  Instant phase_since() const noexcept { return phase_since_; }
  std::uint32_t exchanges_started() const noexcept { return exchanges_started_; }
  Instant started_at() const noexcept { return started_at_; }
  // When the request was written; Instant{} before.
  Instant sent_at() const noexcept { return sent_at_; }
  // The endpoint that counts: the one that connected, else the last one tried.
  const EndpointRef &endpoint() const noexcept { return shown_endpoint_; }
  bool is_receiving() const noexcept { return phase_ == Phase::receiving; }
  std::uint64_t bytes_received() const noexcept;
  // As Exchange::bytes_left, of the leg that connected.
  std::optional<std::uint64_t> bytes_left() const noexcept;

  // Place in the scheduler's list of attempts.
  std::size_t list_position = 0;

 private:
  class Leg final : public ExchangeEvents {
   public:
    void on_phase(Phase phase, Instant at) noexcept override { owner->on_leg_phase(*this, phase, at); }
    void on_bytes(std::uint64_t received) noexcept override { owner->on_leg_bytes(*this, received); }
    bool may_send() noexcept override { return owner->may_send(*this); }
    void on_end(ExchangeEnd end) noexcept override { owner->on_leg_end(*this, std::move(end)); }

    Attempt *owner = nullptr;
    Exchange *exchange = nullptr;
    EndpointRef endpoint;
    AttemptNote note;
    bool is_rerun = false;
  };

  bool start_leg(Instant now) noexcept;
  void plan_next_leg(Instant now) noexcept;
  bool start_exchange(Leg &leg, bool fresh, Instant now) noexcept;
  void note_start(Leg &leg, Instant at) noexcept;
  bool sign(const ExchangeRequest &exchange, std::vector<std::string> &lines) noexcept;
  void begin_connecting(Instant now) noexcept;
  void on_leg_phase(Leg &leg, Phase phase, Instant at) noexcept;
  void on_leg_bytes(Leg &leg, std::uint64_t received) noexcept;
  bool may_send(Leg &leg) noexcept;
  void on_leg_end(Leg &leg, ExchangeEnd end) noexcept;
  bool has_running_leg() const noexcept;
  std::span<const EndpointRef> tried() const noexcept { return {tried_.data(), legs_used_}; }
  void drop_losers() noexcept;

  const Parts parts_;
  Flight *flight_;
  const Ref<Batch> batch_;
  const std::uint32_t index_;
  std::array<Leg, kLegsMax> legs_;
  std::array<EndpointRef, kLegsMax> tried_;
  std::size_t legs_used_ = 0;
  Leg *winner_ = nullptr;  // the leg that connected
  EndpointRef shown_endpoint_;
  Phase phase_ = Phase::connecting;
  Instant phase_since_{};
  Instant started_at_{};
  Instant sent_at_{};
  Instant next_leg_at_ = kNever;
  Instant orphan_until_ = kNever;
  bool has_losers_ = false;
  Failure failure_;
  std::uint32_t exchanges_started_ = 0;
};

}  // namespace octo
