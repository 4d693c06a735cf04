// A scheduler in a world that a test owns: its clock, transport and resolver are fakes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "batch/view.hpp"
#include "batch_fixture.hpp"
#include "fake_transport.hpp"
#include "schedule/scheduler.hpp"

namespace octo {

class ScheduleWorld : public BatchWorld {
 public:
  explicit ScheduleWorld(const ScheduleConfig &wanted = {}) : config(wanted) {
    scheduler = std::make_unique<Scheduler>(
        config, Scheduler::Parts{transport, resolver, clock, counters, ledger, addresses, service_time, connect_time});
  }

  Ref<Batch> submit(Ref<Batch> batch) {
    counters.requests.add(batch->request_count());
    scheduler->accept(batch);
    return batch;
  }
  Ref<Batch> submit(std::uint32_t request_count, Duration budget = 300ms) {
    return submit(batch(request_count, budget));
  }
  Ref<Batch> submit_with(std::vector<Priority> priorities, Duration budget = 300ms) {
    BatchSpec made = spec(static_cast<std::uint32_t>(priorities.size()), budget);
    for (std::size_t i = 0; i < priorities.size(); ++i) made.requests[i].priority = priorities[i];
    return submit(batch(std::move(made)));
  }
  // As the loop does: until nothing is due at this moment.
  void turn() {
    for (int turns = 0; turns < 10'000; ++turns) {
      scheduler->advance();
      if (scheduler->next_at() > clock.now()) return;
    }
    FAIL() << "the scheduler always has something to do";
  }
  void turn_after(Duration span) {
    clock.advance(span);
    turn();
  }
  // Addresses are known from here on.
  void resolve(const std::vector<std::string> &names = {"192.0.2.1"}) {
    const Ref<Batch> asks = submit(1, 1ms);
    turn();
    resolver.answer(names);
    turn();
    asks->give_up();
    scheduler->release(*asks);
    turn();
    transport.started.clear();
    resolved_attempts = counters.attempts.value();
  }
  // Gives the estimate evidence: exchanges of this length.
  void observe(Duration service, int count = 40) {
    for (int i = 0; i < count; ++i) service_time.add(service, clock.now());
  }
  // Keys of running exchanges, in start order.
  std::vector<std::string> running_targets() const {
    std::vector<std::string> targets;
    for (const auto &exchange : transport.started) {
      if (exchange->is_running) targets.push_back(exchange->target);
    }
    return targets;
  }
  // Every running exchange gets its connection and a complete answer.
  void finish_all(std::uint64_t bytes = 10) {
    for (std::size_t i = 0; i < transport.started.size(); ++i) {
      FakeExchange &exchange = transport.exchange(i);
      if (!exchange.is_running) continue;
      if (exchange.sent_at != Instant{} || transport.connect(exchange)) transport.finish(exchange, bytes);
    }
  }
  std::uint64_t attempts() const { return counters.attempts.value() - resolved_attempts; }

  // Nothing runs or waits, and all that was taken was given back.
  void expect_at_rest() {
    turn();
    EXPECT_TRUE(scheduler->is_idle());
    EXPECT_EQ(counters.slots_busy.value(), 0u);
    EXPECT_EQ(counters.queued.value(), 0u);
    EXPECT_EQ(ledger->active(), 0u);
    EXPECT_EQ(transport.running_count(), 0u);
    EXPECT_EQ(counters.requests.value(),
              counters.requests_ok.value() + counters.requests_other.value() + counters.requests_unsettled.value());
  }

  ScheduleConfig config;
  Counters counters;
  ServiceTime service_time;
  ServiceTime connect_time;
  FakeTransport transport{clock, *ledger};
  FakeResolver resolver;
  std::unique_ptr<Scheduler> scheduler;
  std::uint64_t resolved_attempts = 0;
};

}  // namespace octo
