// Starting lookups and handing over their answers, for resolver.hpp.
#include "transport/resolver.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace octo {

ThreadResolver::ThreadResolver(const TransportConfig &config, const Clock &clock, Counters &counters,
                               std::shared_ptr<Waker> waker, LookupFunction function)
    : config_(config),
      clock_(clock),
      counters_(counters),
      waker_(std::move(waker)),
      function_(function),
      endpoints_(config.port) {}

bool ThreadResolver::start_lookup(ResolverEvents &events) noexcept {
  const bool needs_none = !config_.addresses.empty() || is_numeric_address(config_.host);
  if (!needs_none && !start_thread_lookup()) return false;
  events_ = &events;
  if (needs_none && waker_ != nullptr) waker_->wake();
  return true;
}

// A lookup that nobody waited for any more is as good as a new one. True when one runs.
bool ThreadResolver::start_thread_lookup() noexcept {
  const Instant now = clock_.now();
  Place *empty = nullptr;
  bool has_running = false;
  bool has_recent = false;
  for (Place &place : places_) {
    if (place.lookup == nullptr) {
      empty = &place;
      continue;
    }
    has_running = true;
    has_recent = has_recent || now - place.started_at < kLookupPatience;
  }
  if (has_recent || empty == nullptr) return true;
  empty->lookup = Lookup::start(config_.host, function_, waker_);
  if (empty->lookup == nullptr) return has_running;
  empty->started_at = now;
  counters_.lookups.add();
  return true;
}

void ThreadResolver::collect() noexcept {
  if (events_ != nullptr && !config_.addresses.empty()) return tell(Status::ok, config_.addresses, {});
  try {
    if (events_ != nullptr && is_numeric_address(config_.host)) return tell(Status::ok, {config_.host}, {});
  } catch (const std::bad_alloc &) {
    return tell(Status::no_memory, {}, {});
  }
  bool has_running = false;
  std::shared_ptr<Lookup> failed;
  for (Place &place : places_) {
    if (place.lookup == nullptr) continue;
    if (!place.lookup->is_done()) {
      has_running = true;
      continue;
    }
    const std::shared_ptr<Lookup> lookup = std::exchange(place.lookup, nullptr);
    if (lookup->status() != Status::ok) {
      counters_.lookups_failed.add();
      failed = lookup;
    } else if (events_ != nullptr) {
      tell(Status::ok, lookup->addresses(), {});
    }
  }
  // While another lookup runs, a failure is not the last word.
  if (failed != nullptr && events_ != nullptr && !has_running) tell(failed->status(), {}, failed->message());
}

// Whoever is told may start the next lookup.
void ThreadResolver::tell(Status status, const std::vector<std::string> &addresses,
                          const std::string &message) noexcept {
  ResolverEvents &events = *std::exchange(events_, nullptr);
  std::vector<EndpointRef> endpoints;
  std::string text;
  try {
    endpoints = endpoints_.endpoints(in_turns(addresses));
    text = message;
  } catch (const std::bad_alloc &) {
    endpoints.clear();
    status = Status::no_memory;
  }
  if (status == Status::ok) {
    events.on_addresses(std::move(endpoints));
  } else {
    events.on_lookup_failed(status, std::move(text));
  }
}

}  // namespace octo
