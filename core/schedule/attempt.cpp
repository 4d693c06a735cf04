// Racing addresses and re-running dead connections for attempt.hpp.
#include "schedule/attempt.hpp"

#include <algorithm>
#include <new>

#include "base/assert.hpp"
#include "schedule/flight.hpp"

namespace octo {
namespace {

// Failures before a connection stood, after which another address may do better.
bool is_address_failure(const ExchangeEnd &end) noexcept {
  return !end.connected && (end.status == Status::connect_failed || end.status == Status::tls_failed ||
                            end.status == Status::connection_lost);
}

}  // namespace

Attempt::Attempt(const Parts &parts, Flight *flight, Ref<Batch> batch, std::uint32_t index) noexcept
    : parts_(parts), flight_(flight), batch_(std::move(batch)), index_(index) {
  for (Leg &leg : legs_) leg.owner = this;
}

Attempt::~Attempt() {
  for (Leg &leg : legs_) {
    if (leg.exchange != nullptr) parts_.transport.cancel(leg.exchange);
  }
}

bool Attempt::start(Instant now) noexcept {
  started_at_ = now;
  phase_since_ = now;
  return start_leg(now);
}

bool Attempt::start_leg(Instant now) noexcept {
  next_leg_at_ = kNever;
  EndpointRef endpoint = parts_.addresses.pick(now, tried());
  if (endpoint == nullptr || legs_used_ == kLegsMax) return false;
  tried_[legs_used_] = endpoint;
  Leg &leg = legs_[legs_used_++];
  leg.endpoint = std::move(endpoint);
  shown_endpoint_ = leg.endpoint;
  if (!start_exchange(leg, batch_->request(index_).warms, now)) return false;
  plan_next_leg(now);
  return true;
}

void Attempt::plan_next_leg(Instant now) noexcept {
  const bool has_next = legs_used_ < kLegsMax && parts_.addresses.has_untried(tried());
  if (has_next) next_leg_at_ = later_by(now, parts_.config.next_address_after);
}

bool Attempt::start_exchange(Leg &leg, bool fresh, Instant now) noexcept {
  const Request &request = batch_->request(index_);
  ExchangeRequest exchange;
  exchange.endpoint = leg.endpoint;
  exchange.target = request.target;
  exchange.headers = &batch_->headers();
  exchange.range = request.range;
  exchange.if_none_match = request.if_none_match;
  exchange.fresh_connection = fresh;
  exchange.head = request.warms;
  std::vector<std::string> signature;
  if (parts_.signer != nullptr && !sign(exchange, signature)) return false;
  exchange.signature = &signature;
  leg.exchange = parts_.transport.start(exchange, leg);
  if (leg.exchange == nullptr) return false;
  ++exchanges_started_;
  note_start(leg, now);
  parts_.counters.attempts.add();
  return true;
}

void Attempt::note_start(Leg &leg, Instant at) noexcept {
  AttemptCause cause = legs_used_ == 1 ? AttemptCause::first : AttemptCause::next_address;
  if (leg.is_rerun) cause = AttemptCause::rerun;
  leg.note.begin(*batch_, index_, exchanges_started_, cause, *leg.endpoint, at);
}

// Anew for each exchange: S3 refuses a signature that is old, and credentials change.
bool Attempt::sign(const ExchangeRequest &exchange, std::vector<std::string> &lines) noexcept {
  try {
    auto signature =
        parts_.signer->sign(exchange.head ? "HEAD" : "GET", exchange.target, *parts_.client_headers, *exchange.headers);
    if (signature.is_ok()) {
      lines = std::move(signature.value());
      return true;
    }
    failure_ = signature.failure();
  } catch (const std::bad_alloc &) {
    failure_.status = Status::no_memory;
  }
  return false;
}

void Attempt::on_leg_phase(Leg &leg, Phase phase, Instant at) noexcept {
  leg.note.enter(phase, at);
  if (winner_ != nullptr && winner_ != &leg) return;
  if (phase < phase_ && winner_ == nullptr) return;
  phase_ = phase;
  phase_since_ = at;
  if (phase == Phase::waiting) sent_at_ = at;
  if (flight_ != nullptr) parts_.events.on_attempt_progress(*this, phase, at);
}

// Only the leg that sent its request receives.
void Attempt::on_leg_bytes(Leg &leg, std::uint64_t received) noexcept {
  leg.note.note_bytes(received);
  if (flight_ != nullptr) batch_->note_bytes(index_, received);
}

bool Attempt::may_send(Leg &leg) noexcept {
  if (winner_ != nullptr && winner_ != &leg) return false;
  winner_ = &leg;
  shown_endpoint_ = leg.endpoint;
  next_leg_at_ = kNever;
  has_losers_ = legs_used_ > 1;
  parts_.addresses.note_connected(leg.endpoint);
  return true;
}

void Attempt::on_leg_end(Leg &leg, ExchangeEnd end) noexcept {
  leg.exchange = nullptr;
  const Instant now = parts_.clock.now();
  leg.note.end(end, now);
  if (winner_ != nullptr && winner_ != &leg) return;
  if (is_address_failure(end)) parts_.addresses.note_failed(leg.endpoint, now);
  if (end.may_rerun && !leg.is_rerun && !is_orphan()) {
    leg.is_rerun = true;
    // The others race on, those among them that had lost.
    winner_ = nullptr;
    has_losers_ = false;
    parts_.counters.reruns.add();
    if (start_exchange(leg, true, now)) {
      // Where the old connection died, a new one may not come about: the other addresses wait their turn again.
      plan_next_leg(now);
      begin_connecting(now);
      return;
    }
  }
  if (is_address_failure(end) && winner_ == nullptr && !is_orphan()) {
    // The next address need not wait for its time; an address on its way may still make it.
    const bool has_other = has_running_leg();
    const bool has_next = start_leg(now);
    if (has_next && !has_other) begin_connecting(now);
    if (has_next || has_other) return;
  }
  note_cut(Status::cancelled);
  parts_.events.on_attempt_end(*this, std::move(end));
}

void Attempt::begin_connecting(Instant now) noexcept {
  phase_ = Phase::connecting;
  phase_since_ = now;
  sent_at_ = Instant{};
  parts_.events.on_attempt_progress(*this, phase_, now);
}

bool Attempt::has_running_leg() const noexcept {
  return std::any_of(legs_.begin(), legs_.end(), [](const Leg &leg) { return leg.exchange != nullptr; });
}

void Attempt::advance(Instant now) noexcept {
  if (has_losers_) drop_losers();
  if (winner_ == nullptr && !is_orphan() && now >= next_leg_at_) start_leg(now);
}

void Attempt::drop_losers() noexcept {
  has_losers_ = false;
  for (Leg &leg : legs_) {
    if (&leg == winner_ || leg.exchange == nullptr) continue;
    leg.note.cut(Status::cancelled, 0, parts_.clock.now());
    parts_.transport.cancel(leg.exchange);
    leg.exchange = nullptr;
  }
}

Instant Attempt::next_at() const noexcept {
  if (has_losers_) return Instant{};
  return std::min(next_leg_at_, orphan_until_);
}

void Attempt::note_cut(Status status) noexcept {
  for (Leg &leg : legs_) {
    if (leg.exchange != nullptr) leg.note.cut(status, leg.exchange->bytes_received(), parts_.clock.now());
  }
}

void Attempt::become_orphan(Instant until) noexcept {
  flight_ = nullptr;
  orphan_until_ = until;
  next_leg_at_ = kNever;
}

std::uint64_t Attempt::bytes_received() const noexcept {
  return winner_ == nullptr || winner_->exchange == nullptr ? 0 : winner_->exchange->bytes_received();
}

std::optional<std::uint64_t> Attempt::bytes_left() const noexcept {
  if (winner_ == nullptr || winner_->exchange == nullptr) return std::nullopt;
  return winner_->exchange->bytes_left();
}

}  // namespace octo
