// The addresses of the origin as the scheduler uses them: looked up in time, spread over, set aside when dead.
//
// Answers are refreshed in the background while they are used, and kept when a lookup fails. I/O thread only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "resilience/address_health.hpp"
#include "schedule/config.hpp"
#include "schedule/schedule_state.hpp"
#include "transport/seam.hpp"

namespace octo {

// Told when flights that wait for addresses can go on, or cannot.
class AddressesEvents {
 public:
  virtual void on_addresses_ready() noexcept = 0;
  virtual void on_addresses_failed(Status status, const std::string &message) noexcept = 0;

 protected:
  ~AddressesEvents() = default;
};

class Addresses final : public ResolverEvents {
 public:
  Addresses(const ScheduleConfig &config, Resolver &resolver, AddressesEvents &events)
      : config_(config), resolver_(resolver), events_(events) {}

  // True when exchanges can start now. Else a lookup runs, and the events tell how it ends; false with `failed` set
  // when no lookup could be started.
  bool prepare(Instant now, bool &failed) noexcept;
  // The endpoint for a new exchange, none of `tried`: an idle connection first, then the fewest open ones, addresses
  // that are set aside last. Null when all are tried.
  EndpointRef pick(Instant now, std::span<const EndpointRef> tried) noexcept;
  bool has_untried(std::span<const EndpointRef> tried) const noexcept;

  void note_connected(const EndpointRef &endpoint) noexcept;
  void note_failed(const EndpointRef &endpoint, Instant now) noexcept;
  // The host slept: what is known counts as old.
  void distrust() noexcept { answered_at_ = Instant{}; }

  AddressesState state() const noexcept;

  void on_addresses(std::vector<EndpointRef> endpoints) noexcept override;
  void on_lookup_failed(Status status, std::string message) noexcept override;

 private:
  struct Known {
    EndpointRef endpoint;
    AddressHealth health;
  };
  Known *find(const EndpointRef &endpoint) noexcept;

  const ScheduleConfig &config_;
  Resolver &resolver_;
  AddressesEvents &events_;
  std::vector<Known> known_;
  Instant asked_at_{};     // of the lookup that runs
  Instant answered_at_{};  // of the last good answer
  Instant retry_at_{};     // no refresh before, after one failed
  bool is_asking_ = false;
  std::size_t turn_ = 0;  // where picking starts, so that equals take turns
};

}  // namespace octo
