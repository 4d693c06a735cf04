// How long an exchange spent in each phase on the wire, from the instants at which it entered them.
#pragma once

#include "base/phase.hpp"
#include "base/time.hpp"
#include "transport/seam.hpp"

namespace octo {

class PhaseClock {
 public:
  // The first phase that is entered counts from here.
  explicit PhaseClock(Instant started_at) noexcept : since_(started_at) {}

  void enter(Phase phase, Instant now) noexcept {
    if (is_running_) stop(now);
    is_running_ = true;
    phase_ = phase;
  }

  // At the end of the exchange; an exchange that entered no phase spent its time in none.
  void stop(Instant now) noexcept {
    if (is_running_) span() += now - since_;
    since_ = now;
    is_running_ = false;
  }

  const PhaseDurations &durations() const noexcept { return durations_; }

 private:
  Duration &span() noexcept {
    switch (phase_) {
      case Phase::securing: return durations_.securing;
      case Phase::waiting: return durations_.waiting;
      case Phase::receiving: return durations_.receiving;
      default: return durations_.connecting;
    }
  }

  PhaseDurations durations_;
  Instant since_;
  Phase phase_ = Phase::connecting;
  bool is_running_ = false;
};

}  // namespace octo
