// An attempt as tests need it: over addresses that a test names, of a batch that keeps its attempts.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "schedule/attempt.hpp"
#include "schedule/flight.hpp"

namespace octo {

class AttemptWorld : public BatchWorld, public AddressesEvents, public AttemptEvents {
 public:
  explicit AttemptWorld(const std::vector<std::string> &names, std::uint32_t requests = 1)
      : owner(batch(keeping(spec(requests)))) {
    bool failed = false;
    known.prepare(clock.now(), failed);
    resolver.answer(names);
    attempt =
        std::make_unique<Attempt>(Attempt::Parts{transport, known, counters, clock, config, *this}, &flight, owner, 0);
  }

  void on_addresses_ready() noexcept override {}
  void on_addresses_failed(Status, const std::string &) noexcept override {}
  void on_attempt_progress(Attempt &, Phase phase, Instant) noexcept override { phases.push_back(phase); }
  void on_attempt_end(Attempt &, ExchangeEnd end) noexcept override {
    ++ended_count;
    last_end = std::move(end);
    ledger->discharge(last_end.body.size());
  }

  void start() { ASSERT_TRUE(attempt->start(clock.now())); }
  void advance_by(Duration span) {
    clock.advance(span);
    attempt->advance(clock.now());
  }
  FakeExchange &leg(std::size_t number) { return transport.exchange(number); }
  std::string address_of(std::size_t number) { return leg(number).endpoint->address; }
  void give_idle_connection(const std::string &name) { ++resolver.known.at(name)->connections_open; }

  static BatchSpec keeping(BatchSpec spec) {
    spec.keeps_attempts = true;
    return spec;
  }

  ScheduleConfig config;
  Counters counters;
  FakeTransport transport{clock, *ledger};
  FakeResolver resolver;
  Addresses known{config, resolver, *this};
  Ref<Batch> owner;
  Flight flight;
  std::unique_ptr<Attempt> attempt;
  std::vector<Phase> phases;
  int ended_count = 0;
  ExchangeEnd last_end;
};

}  // namespace octo
