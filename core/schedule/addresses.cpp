// Freshness and choice of addresses for addresses.hpp.
#include "schedule/addresses.hpp"

#include <algorithm>

namespace octo {
namespace {

// A refresh that failed is tried again after this, while the last answer is still good for use.
constexpr Duration kRefreshPause = 1s;

bool contains(std::span<const EndpointRef> endpoints, const EndpointRef &wanted) noexcept {
  return std::find(endpoints.begin(), endpoints.end(), wanted) != endpoints.end();
}

}  // namespace

bool Addresses::prepare(Instant now, bool &failed) noexcept {
  failed = false;
  const Duration age = now - answered_at_;
  if (age > config_.addresses_kept) known_.clear();
  if (!known_.empty() && (age < config_.addresses_fresh || now < retry_at_)) return true;
  // Also while a lookup is under way: the resolver may start a second when the first does not answer.
  if (!is_asking_) asked_at_ = now;
  if (resolver_.start_lookup(*this)) is_asking_ = true;
  retry_at_ = now + kRefreshPause;
  failed = known_.empty() && !is_asking_;
  return !known_.empty();
}

EndpointRef Addresses::pick(Instant now, std::span<const EndpointRef> tried) noexcept {
  const Known *best = nullptr;
  const auto is_better = [now](const Known &a, const Known &b) {
    const bool a_aside = a.health.is_set_aside(now);
    const bool b_aside = b.health.is_set_aside(now);
    if (a_aside != b_aside) return b_aside;
    if (a_aside && a.health.set_aside_until() != b.health.set_aside_until()) {
      return a.health.set_aside_until() < b.health.set_aside_until();
    }
    const Endpoint &left = *a.endpoint;
    const Endpoint &right = *b.endpoint;
    if ((left.connections_idle() > 0) != (right.connections_idle() > 0)) {
      return left.connections_idle() > 0;
    }
    return left.connections_busy < right.connections_busy;
  };
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const Known &candidate = known_[(turn_ + i) % known_.size()];
    if (contains(tried, candidate.endpoint)) continue;
    if (best == nullptr || is_better(candidate, *best)) best = &candidate;
  }
  ++turn_;
  return best == nullptr ? nullptr : best->endpoint;
}

bool Addresses::has_untried(std::span<const EndpointRef> tried) const noexcept {
  return std::any_of(known_.begin(), known_.end(),
                     [&](const Known &known) { return !contains(tried, known.endpoint); });
}

Addresses::Known *Addresses::find(const EndpointRef &endpoint) noexcept {
  const auto found =
      std::find_if(known_.begin(), known_.end(), [&](const Known &known) { return known.endpoint == endpoint; });
  return found == known_.end() ? nullptr : &*found;
}

void Addresses::note_connected(const EndpointRef &endpoint) noexcept {
  if (Known *known = find(endpoint)) known->health.note_success();
}

void Addresses::note_failed(const EndpointRef &endpoint, Instant now) noexcept {
  if (Known *known = find(endpoint)) known->health.note_failure(now);
}

AddressesState Addresses::state() const noexcept {
  AddressesState state;
  state.count = known_.size();
  state.answered_at = answered_at_;
  state.is_asking = is_asking_;
  for (std::size_t i = 0; i < std::min(known_.size(), state.shown.size()); ++i) {
    const Known &known = known_[i];
    AddressState &shown = state.shown[i];
    const std::string &text = known.endpoint->text;
    std::copy_n(text.begin(), std::min(text.size(), shown.text.size() - 1), shown.text.begin());
    shown.connections_open = known.endpoint->connections_open;
    shown.connections_idle = known.endpoint->connections_idle();
    shown.failures = known.health.failures_in_a_row();
    shown.set_aside_until = shown.failures == 0 ? Instant{} : known.health.set_aside_until();
  }
  return state;
}

void Addresses::on_addresses(std::vector<EndpointRef> endpoints) noexcept {
  is_asking_ = false;
  try {
    std::vector<Known> next;
    next.reserve(endpoints.size());
    for (EndpointRef &endpoint : endpoints) {
      const Known *before = find(endpoint);
      next.push_back(before != nullptr ? *before : Known{std::move(endpoint), {}});
    }
    known_.swap(next);
  } catch (const std::bad_alloc &) {
    on_lookup_failed(Status::no_memory, {});
    return;
  }
  // From the question, not the answer: an answer is as old as what it describes.
  answered_at_ = asked_at_;
  events_.on_addresses_ready();
}

void Addresses::on_lookup_failed(Status status, std::string message) noexcept {
  is_asking_ = false;
  if (known_.empty()) events_.on_addresses_failed(status, message);
}

}  // namespace octo
