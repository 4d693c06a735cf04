// What the scheduler was doing at one moment, as plain values: for whoever asks what is inside of a client.
#pragma once

#include <array>
#include <cstdint>

#include "base/phase.hpp"
#include "base/time.hpp"

namespace octo {

struct AddressState {
  std::array<char, 64> text{};  // "192.0.2.7:443", ends in NUL
  std::uint32_t connections_open = 0;
  std::uint32_t connections_idle = 0;
  std::uint32_t failures = 0;  // connections that did not stand, since the last one that did
  Instant set_aside_until{};   // others are taken first; the past for not set aside
};

struct AddressesState {
  static constexpr std::size_t kShownMax = 32;
  std::array<AddressState, kShownMax> shown{};
  std::size_t count = 0;   // of all that are known
  Instant answered_at{};   // of the last good answer; Instant{} for none, or none that is trusted
  bool is_asking = false;  // a lookup runs
};

struct ScheduleState {
  Instant at{};  // Instant{} before the first
  std::size_t queued = 0;
  std::uint32_t slots_busy = 0;
  std::array<std::uint32_t, kPhaseCount> in_phase{};  // of slots_busy; none is queued
  std::size_t orphans = 0;
  AddressesState addresses;
};

}  // namespace octo
