// The scheduler: which request starts when, what happens at a deadline, and how an exchange becomes an outcome.
//
// It starts only what can finish: a flight gets a slot if now plus the recent p90 of service time is before its
// deadline. One that cannot finish starts all the same when no queued flight could, because a slot that nobody can use
// better is free evidence; else it is SHED at once. So an estimate can neither waste slots nor starve itself.
//
// Nothing here waits, and time comes from the clock it was given: tests drive it with a fake clock and a fake
// transport. I/O thread only.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "batch/batch.hpp"
#include "metrics/counters.hpp"
#include "resilience/service_time.hpp"
#include "schedule/addresses.hpp"
#include "schedule/attempt.hpp"
#include "schedule/config.hpp"
#include "schedule/flight_queue.hpp"
#include "schedule/schedule_state.hpp"
#include "transport/seam.hpp"

namespace octo {

class Scheduler final : public AddressesEvents, public AttemptEvents {
 public:
  struct Parts {
    Transport &transport;
    Resolver &resolver;
    const Clock &clock;
    Counters &counters;
    Ref<Ledger> ledger;
    Ref<AddressBook> address_book;
    // Outlives the engine's sleeps, so that a restarted one knows what the last one learned.
    ServiceTime &service_time;
    ServiceTime &connect_time;
    RequestSigner *signer = nullptr;                           // null where nothing is signed
    const std::vector<std::string> *client_headers = nullptr;  // of every request, for the signer
  };
  Scheduler(const ScheduleConfig &config, Parts parts);
  // Cuts whatever runs; unsettled requests read as their batch froze.
  ~Scheduler();

  // Takes a batch over; what cannot be queued settles at once.
  void accept(Ref<Batch> batch) noexcept;
  // A batch was cancelled or closed: its flights end now.
  void release(const Batch &batch) noexcept;
  // What is due: deadlines, orphans, races of addresses, memory, and then the next starts, a few at a time.
  void advance() noexcept;
  // When advance() must run again if no event comes before; the past for at once.
  Instant next_at() const noexcept;
  // Nothing queued, nothing on the wire.
  bool is_idle() const noexcept { return groups_.empty() && attempts_.empty(); }
  // A request waits or runs; orphans do not count.
  bool has_flights() const noexcept { return !groups_.empty(); }
  // The host slept: connections and addresses from before are not to be trusted.
  void distrust() noexcept;
  ScheduleState state() const noexcept;

  void on_addresses_ready() noexcept override;
  void on_addresses_failed(Status status, const std::string &message) noexcept override;
  void on_attempt_progress(Attempt &attempt, Phase phase, Instant at) noexcept override;
  void on_attempt_end(Attempt &attempt, ExchangeEnd end) noexcept override;

 private:
  // accept
  void fail_all(Batch &batch, Status status, const char *message) noexcept;
  void count_end(bool settled, Status status) noexcept;
  void enqueue(Ref<Batch> batch);
  void shed_beyond_queue(FlightGroup &group) noexcept;
  void fail_group(FlightGroup &group, Status status, const char *message) noexcept;
  // advance
  void expire_groups(Instant now) noexcept;
  void end_group(FlightGroup &group, Instant now, bool may_orphan) noexcept;
  void relieve_memory() noexcept;
  void advance_attempts(Instant now) noexcept;
  void start_ready(Instant now) noexcept;
  bool start_next(Instant now, Instant finish_at) noexcept;
  void start_flight(Flight &flight, Instant now) noexcept;
  void start_resolving(Instant now) noexcept;
  void start_attempt(Flight &flight, Instant now) noexcept;
  void make_room(Instant now) noexcept;
  bool should_orphan(const Attempt &attempt) const noexcept;
  // ends
  void settle(Flight &flight, Outcome outcome) noexcept;
  void settle_failed(Flight &flight, Status status, std::string_view message) noexcept;
  void finish_flight(Flight &flight) noexcept;
  void remove_attempt(Attempt &attempt) noexcept;
  void cut_attempt(Attempt &attempt, Instant now) noexcept;
  Outcome outcome_of(const Attempt &attempt, const Flight &flight, ExchangeEnd end, Instant now);
  void note(const Flight &flight, Phase phase, std::uint32_t attempts, std::uint32_t address_id, Instant at) noexcept;
  std::uint32_t slots_free() const noexcept { return config_.slots_max - slots_busy_; }
  void publish_gauges() noexcept;

  const ScheduleConfig config_;
  const Parts parts_;
  Addresses addresses_;
  FlightQueue queue_;
  ServiceTime &service_time_;
  ServiceTime &connect_time_;
  std::unordered_map<const Batch *, std::unique_ptr<FlightGroup>> groups_;
  std::multimap<Instant, FlightGroup *> by_deadline_;
  std::vector<std::unique_ptr<Attempt>> attempts_;  // running and orphaned
  std::vector<Flight *> resolving_;                 // hold a slot, wait for addresses
  std::size_t orphans_ = 0;
  std::uint32_t slots_busy_ = 0;
  Instant attempts_next_at_ = kNever;  // the earliest Attempt::next_at, or earlier
  bool has_more_to_start_ = false;
};

}  // namespace octo
