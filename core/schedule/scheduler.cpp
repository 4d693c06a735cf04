// Taking batches over, their deadlines, and starting flights, for scheduler.hpp. How flights end is in
// scheduler_ends.cpp.
#include "schedule/scheduler.hpp"

#include <algorithm>
#include <new>

#include "base/assert.hpp"

namespace octo {
namespace {

// A batch may be served this many times the slots before it falls behind others of its budget.
constexpr std::uint32_t kTurnSlots = 4;
// Flights that are shed or expired in one turn of the loop cost a settle each, with a wake-up for a streaming caller.
constexpr std::uint32_t kShedPerTurn = 512;
constexpr Duration kLookupPause = 500ms;

}  // namespace

Scheduler::Scheduler(const ScheduleConfig &config, Parts parts)
    : config_(config),
      parts_(std::move(parts)),
      addresses_(config_, parts_.resolver, *this),
      queue_(config_.slots_max * kTurnSlots),
      service_time_(parts_.service_time),
      connect_time_(parts_.connect_time) {
  // Nothing is allocated later to take a slot, or to give it back.
  attempts_.reserve(std::size_t{config_.slots_max} * 2);
  resolving_.reserve(config_.slots_max);
}

Scheduler::~Scheduler() {
  parts_.counters.slots_busy.set(0);
  parts_.counters.queued.set(0);
}

void Scheduler::accept(Ref<Batch> batch) noexcept {
  if (batch->touch() != Cause::open) {
    // What settled at submit is counted already.
    parts_.counters.requests_unsettled.add(batch->request_count() - batch->settled_count());
    return;
  }
  const Ref<Batch> kept = batch;
  try {
    enqueue(std::move(batch));
  } catch (const std::bad_alloc &) {
    fail_all(*kept, Status::no_memory, "there is no memory to queue the batch");
  }
}

void Scheduler::fail_all(Batch &batch, Status status, const char *message) noexcept {
  for (std::uint32_t index = 0; index < batch.request_count(); ++index) {
    if (batch.outcome(index) != nullptr) continue;
    Outcome outcome;
    outcome.status = status;
    try {
      outcome.message = message;
    } catch (const std::bad_alloc &) {
      // The status says enough.
    }
    count_end(batch.settle(index, std::move(outcome)), status);
  }
}

void Scheduler::enqueue(Ref<Batch> batch) {
  auto owned = std::make_unique<FlightGroup>();
  FlightGroup &group = *owned;
  group.batch = std::move(batch);
  const std::uint32_t count = group.batch->request_count();
  group.flights.resize(count);
  for (std::uint32_t index = 0; index < count; ++index) {
    Flight &flight = group.flights[index];
    flight.group = &group;
    flight.index = index;
    // An invalid key was settled by the submitter.
    if (group.batch->outcome(index) != nullptr) {
      flight.state = Flight::State::done;
      continue;
    }
    ++group.flights_live;
    const auto priority = static_cast<std::size_t>(group.batch->request(index).priority);
    group.lines[priority].indexes.push_back(index);
  }
  if (group.flights_live == 0) return;
  const Batch *const key = group.batch.get();
  const auto place = by_deadline_.emplace(group.batch->deadline(), &group);
  try {
    groups_.emplace(key, std::move(owned));
    queue_.add(group);
  } catch (const std::bad_alloc &) {
    // The map may have let go of the group already.
    by_deadline_.erase(place);
    groups_.erase(key);
    throw;
  }
  shed_beyond_queue(group);
}

// The newest requests of the lowest priority give way.
void Scheduler::shed_beyond_queue(FlightGroup &group) noexcept {
  if (queue_.size() <= config_.queue_max) return;
  std::size_t excess = queue_.size() - config_.queue_max;
  queue_.remove(group);
  for (FlightGroup::Line &line : group.lines) {
    while (excess > 0 && !line.is_empty()) {
      Flight &flight = group.flights[line.indexes.back()];
      line.indexes.pop_back();
      --excess;
      flight.state = Flight::State::done;
      --group.flights_live;
      Outcome outcome;
      outcome.status = Status::shed;
      try {
        outcome.message = "the client's queue holds queue.max = " + std::to_string(config_.queue_max) +
                          " requests already; submit less at once or raise it";
      } catch (const std::bad_alloc &) {
        // The status says enough.
      }
      count_end(group.batch->settle(flight.index, std::move(outcome)), Status::shed);
    }
  }
  try {
    queue_.add(group);
  } catch (const std::bad_alloc &) {
    fail_group(group, Status::no_memory, "there is no memory to queue the batch");
    return;
  }
  if (group.flights_live == 0) end_group(group, parts_.clock.now(), false);
}

// Of a group that is not queued. It goes with its last flight.
void Scheduler::fail_group(FlightGroup &group, Status status, const char *message) noexcept {
  std::uint32_t left = group.flights_live;
  if (left == 0) end_group(group, parts_.clock.now(), false);
  for (std::size_t i = 0; left > 0; ++i) {
    if (group.flights[i].state == Flight::State::done) continue;
    --left;
    settle_failed(group.flights[i], status, message);
  }
}

void Scheduler::release(const Batch &batch) noexcept {
  const auto found = groups_.find(&batch);
  if (found != groups_.end()) end_group(*found->second, parts_.clock.now(), false);
}

void Scheduler::advance() noexcept {
  const Instant now = parts_.clock.now();
  expire_groups(now);
  relieve_memory();
  advance_attempts(now);
  start_ready(now);
  publish_gauges();
}

Instant Scheduler::next_at() const noexcept {
  if (has_more_to_start_) return Instant{};
  const Instant deadline = by_deadline_.empty() ? kNever : by_deadline_.begin()->first;
  // A lookup that does not answer is asked again.
  const Instant lookup = resolving_.empty() ? kNever : parts_.clock.now() + kLookupPause;
  return std::min({deadline, attempts_next_at_, lookup});
}

void Scheduler::distrust() noexcept {
  parts_.transport.close_idle();
  addresses_.distrust();
}

void Scheduler::expire_groups(Instant now) noexcept {
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    FlightGroup &group = *by_deadline_.begin()->second;
    group.batch->touch();
    end_group(group, now, true);
  }
}

void Scheduler::end_group(FlightGroup &group, Instant now, bool may_orphan) noexcept {
  queue_.remove(group);
  for (Flight &flight : group.flights) {
    if (flight.state == Flight::State::done) continue;
    parts_.counters.requests_unsettled.add();
    if (flight.state == Flight::State::resolving) {
      resolving_.erase(std::find(resolving_.begin(), resolving_.end(), &flight));
      --slots_busy_;
    }
    if (flight.state != Flight::State::running) continue;
    --slots_busy_;
    Attempt &attempt = *flight.attempt;
    if (may_orphan && should_orphan(attempt)) {
      attempt.become_orphan(later_by(now, config_.orphan_time_max));
      attempts_next_at_ = std::min(attempts_next_at_, attempt.orphan_until());
      ++orphans_;
    } else {
      cut_attempt(attempt, now);
    }
  }
  const auto [first, last] = by_deadline_.equal_range(group.batch->deadline());
  by_deadline_.erase(std::find_if(first, last, [&](const auto &entry) { return entry.second == &group; }));
  groups_.erase(group.batch.get());
}

bool Scheduler::should_orphan(const Attempt &attempt) const noexcept {
  if (config_.orphan_time_max == Duration{0}) return false;
  const auto left = attempt.bytes_left();
  return !left.has_value() || *left <= config_.orphan_bytes_max;
}

// Ends orphans first, then what has the most time left to try again by itself.
void Scheduler::relieve_memory() noexcept {
  while (parts_.ledger->is_exhausted()) {
    Attempt *latest = nullptr;
    for (const auto &attempt : attempts_) {
      if (attempt->bytes_received() == 0) continue;
      const bool is_later =
          latest == nullptr || (attempt->is_orphan() && !latest->is_orphan()) ||
          (attempt->is_orphan() == latest->is_orphan() && attempt->batch().deadline() > latest->batch().deadline());
      if (is_later) latest = attempt.get();
    }
    // What is left belongs to bodies of open batches: it moves on at their freeze.
    if (latest == nullptr) return;
    if (latest->is_orphan()) {
      cut_attempt(*latest, parts_.clock.now());
      continue;
    }
    Flight &flight = *latest->flight();
    settle_failed(flight, Status::no_memory,
                  "memory.max is reached; this request had the latest deadline of those receiving");
  }
}

void Scheduler::advance_attempts(Instant now) noexcept {
  if (now < attempts_next_at_) return;
  attempts_next_at_ = kNever;
  for (std::size_t i = 0; i < attempts_.size();) {
    Attempt &attempt = *attempts_[i];
    if (attempt.is_orphan() && now >= attempt.orphan_until()) {
      cut_attempt(attempt, now);
      continue;
    }
    attempt.advance(now);
    attempts_next_at_ = std::min(attempts_next_at_, attempt.next_at());
    ++i;
  }
}

void Scheduler::start_ready(Instant now) noexcept {
  has_more_to_start_ = false;
  start_resolving(now);
  std::uint32_t starts = 0;
  std::uint32_t shed = 0;
  while (slots_free() > 0 && queue_.front() != nullptr) {
    if (starts == config_.starts_per_turn || shed == kShedPerTurn) {
      has_more_to_start_ = true;
      return;
    }
    Duration needed = service_time_.estimate(now);
    if (parts_.transport.connections_idle() == 0) needed += connect_time_.estimate(now);
    if (start_next(now, later_by(now, needed))) {
      ++starts;
    } else {
      ++shed;
    }
  }
}

// False when the front flight was shed instead.
bool Scheduler::start_next(Instant now, Instant finish_at) noexcept {
  Flight &flight = *queue_.front();
  const bool can_finish = finish_at <= flight.group->batch->deadline();
  const bool is_wanted_by_another = queue_.size() > slots_free() && finish_at <= queue_.latest_deadline();
  queue_.pop_front();
  if (!can_finish && is_wanted_by_another) {
    settle_failed(flight, Status::shed, "it could not have finished: requests take longer now than it had time left");
    return false;
  }
  start_flight(flight, now);
  return true;
}

void Scheduler::start_flight(Flight &flight, Instant now) noexcept {
  ++slots_busy_;
  flight.started_at = now;
  flight.state = Flight::State::resolving;
  bool failed = false;
  if (addresses_.prepare(now, failed)) {
    start_attempt(flight, now);
    return;
  }
  if (failed) {
    settle_failed(flight, Status::local_resource, "no thread could be started to look up the origin");
    return;
  }
  note(flight, Phase::resolving, 0, 0, now);
  resolving_.push_back(&flight);
}

void Scheduler::start_resolving(Instant now) noexcept {
  bool failed = false;
  if (resolving_.empty()) return;
  // Asking again lets the resolver start its second thread when the first is stuck.
  if (!addresses_.prepare(now, failed)) return;
  std::uint32_t starts = 0;
  while (!resolving_.empty() && starts < config_.starts_per_turn) {
    Flight &flight = *resolving_.front();
    resolving_.erase(resolving_.begin());
    start_attempt(flight, now);
    ++starts;
  }
  has_more_to_start_ = !resolving_.empty();
}

void Scheduler::start_attempt(Flight &flight, Instant now) noexcept {
  make_room(now);
  flight.resolved_at = now;
  const Attempt::Parts parts{parts_.transport, addresses_, parts_.counters, parts_.clock,
                             config_,          *this,      parts_.signer,   parts_.client_headers};
  std::unique_ptr<Attempt> attempt(new (std::nothrow) Attempt(parts, &flight, flight.group->batch, flight.index));
  if (attempt == nullptr || !attempt->start(now)) {
    const bool has_reason = attempt != nullptr && !attempt->failure().text.empty();
    if (has_reason) return settle_failed(flight, attempt->failure().status, attempt->failure().text);
    return settle_failed(flight, Status::no_memory, "there is no memory to start the request");
  }
  flight.state = Flight::State::running;
  flight.attempt = attempt.get();
  attempt->list_position = attempts_.size();
  attempts_next_at_ = std::min(attempts_next_at_, attempt->next_at());
  OCTO_ASSERT(attempts_.size() < attempts_.capacity());
  attempts_.push_back(std::move(attempt));
  // Until the transport says more.
  on_attempt_progress(*attempts_.back(), Phase::connecting, now);
}

// Orphans run beside the slots, but never push the exchanges on the wire over the limit: those that have the least to
// save go first.
void Scheduler::make_room(Instant now) noexcept {
  if (orphans_ == 0 || slots_busy_ + orphans_ <= config_.slots_max) return;
  Attempt *least = nullptr;
  for (const auto &attempt : attempts_) {
    if (!attempt->is_orphan()) continue;
    if (least == nullptr || (!attempt->is_receiving() && least->is_receiving())) {
      least = attempt.get();
    }
  }
  if (least == nullptr) return;
  cut_attempt(*least, now);
}

}  // namespace octo
