// Whatever comes in whatever order, each request ends once and everything that was taken is given back.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "batch/view.hpp"
#include "schedule_fixture.hpp"

namespace octo {
namespace {

class RandomSchedule {
 public:
  explicit RandomSchedule(std::uint32_t seed) : random_(seed), world_(random_config()) {}

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFatalFailure(); ++step) {
      act();
      world_.turn();
      check();
    }
    finish();
  }
  static std::uint64_t settled_total;
  static std::uint64_t unsettled_total;
  static std::uint64_t shed_total;
  static std::uint64_t orphans_total;
  static std::uint64_t attempts_total;

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() >> 4) % end; }
  ScheduleConfig random_config() {
    ScheduleConfig config;
    config.slots_max = 1 + below(6);
    config.queue_max = 5 + below(60);
    config.orphan_time_max = below(3) == 0 ? 0ms : Duration(1ms) * below(40);
    config.next_address_after = Duration(1ms) * (1 + below(30));
    config.addresses_fresh = Duration(1ms) * (10 + below(200));
    config.addresses_kept = config.addresses_fresh * 3;
    config.starts_per_turn = 1 + below(8);
    return config;
  }

  void act() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2: submit(); break;
      case 3: cancel(); break;
      case 4: lookup(); break;
      case 5: world_.transport.has_memory = below(6) != 0; break;
      case 6: world_.ledger->set_bytes_max(500 + below(4000)); break;
      case 7: below(8) == 0 ? world_.scheduler->distrust() : world_.clock.advance(Duration(1ms) * below(60)); break;
      case 8: world_.clock.advance(Duration(1us) * below(5000)); break;
      default: reply(); break;
    }
  }
  void submit() {
    BatchSpec spec = world_.spec(1 + below(20), Duration(1ms) * below(200));
    spec.keeps_attempts = true;
    for (Request &request : spec.requests) request.priority = static_cast<Priority>(below(kPriorityCount));
    batches_.push_back(world_.submit(world_.batch(std::move(spec))));
  }
  void cancel() {
    if (batches_.empty()) return;
    Batch &batch = *batches_[below(static_cast<std::uint32_t>(batches_.size()))];
    batch.freeze(below(2) == 0 ? Cause::cancelled : Cause::closed);
    world_.scheduler->release(batch);
  }
  void lookup() {
    if (!world_.resolver.is_asked()) return;
    if (below(4) == 0) {
      world_.resolver.fail();
      return;
    }
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i <= below(5); ++i) names.push_back("192.0.2." + std::to_string(i));
    world_.resolver.answer(names);
  }
  // Something happens to an exchange that runs.
  void reply() {
    std::vector<FakeExchange *> running;
    for (const auto &exchange : world_.transport.started) {
      if (exchange->is_running) running.push_back(exchange.get());
    }
    if (running.empty()) return;
    FakeExchange &exchange = *running[below(static_cast<std::uint32_t>(running.size()))];
    FakeTransport &transport = world_.transport;
    if (exchange.sent_at == Instant{}) {
      if (below(4) != 0) {
        transport.connect(exchange);
      } else {
        transport.end(exchange, below(2) == 0 ? Status::connect_failed : Status::tls_failed);
      }
      return;
    }
    switch (below(6)) {
      case 0: transport.receive(exchange, below(600), below(200'000)); break;
      case 1: transport.end(exchange, Status::connection_lost, exchange.is_reused && exchange.received == 0); break;
      case 2: transport.end(exchange, Status::truncated); break;
      default: transport.finish(exchange, below(300)); break;
    }
  }

  void check() {
    ASSERT_LE(world_.counters.slots_busy.value(), world_.config.slots_max);
    ASSERT_LE(world_.counters.queued.value(), world_.config.queue_max);
    ASSERT_LE(world_.transport.running_count(), world_.config.slots_max * Attempt::kLegsMax);
    std::uint64_t held = 0;
    for (const auto &exchange : world_.transport.started) held += exchange->is_running ? exchange->received : 0;
    for (const Ref<Batch> &batch : batches_) {
      const Outcome *last = batch->last_settled();
      if (batch->cause() == Cause::open && last != nullptr) held += last->body_bytes_total;
    }
    ASSERT_EQ(world_.ledger->active(), held);
  }
  void finish() {
    world_.clock.advance(3600s);
    world_.turn();
    world_.turn_after(3600s);
    world_.expect_at_rest();
    std::uint64_t settled = 0;
    for (const Ref<Batch> &batch : batches_) {
      EXPECT_NE(batch->cause(), Cause::open);
      const Outcome *last = batch->last_settled();
      settled += last == nullptr ? 0 : last->number;
      check_attempts(*batch);
    }
    EXPECT_EQ(settled, world_.counters.requests_ok.value() + world_.counters.requests_other.value());
    settled_total += world_.counters.requests_ok.value();
    unsettled_total += world_.counters.requests_unsettled.value();
    shed_total += world_.counters.requests_shed.value();
    orphans_total += world_.counters.orphans_finished.value() + world_.counters.orphans_cut.value();
    batches_.clear();
    EXPECT_EQ(world_.ledger->delivered(), 0u);
  }

  // Each settled request has as many as it says, and the one that brought it ended as it did.
  static void check_attempts(Batch &batch) {
    std::vector<std::uint32_t> counts(batch.request_count());
    std::vector<bool> has_its_status(batch.request_count());
    for (std::uint32_t i = 0; i < attempt_count(batch); ++i) {
      const AttemptView view = view_attempt(batch, i);
      const Outcome *outcome = batch.outcome(view.start.index);
      EXPECT_EQ(view.start.number, ++counts[view.start.index]);
      EXPECT_LE(view.start.at_us, view.end.at_us);
      if (outcome == nullptr) continue;
      EXPECT_TRUE(view.end.status == Status::cancelled || view.settled);
      if (view.end.status == outcome->status) has_its_status[view.start.index] = true;
      ++attempts_total;
    }
    for (const Outcome *at = batch.last_settled(); at != nullptr; at = at->previous) {
      EXPECT_EQ(counts[at->index], at->attempts);
      EXPECT_TRUE(at->attempts == 0 || has_its_status[at->index]) << static_cast<int>(at->status);
    }
  }

  std::minstd_rand random_;
  ScheduleWorld world_;
  std::vector<Ref<Batch>> batches_;
};

std::uint64_t RandomSchedule::settled_total = 0;
std::uint64_t RandomSchedule::unsettled_total = 0;
std::uint64_t RandomSchedule::shed_total = 0;
std::uint64_t RandomSchedule::orphans_total = 0;
std::uint64_t RandomSchedule::attempts_total = 0;

TEST(RandomSchedule, keeps_the_invariants_over_1000_schedules) {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomSchedule(seed).run(150);
    if (HasFailure()) return;
  }
  // Else they showed little.
  EXPECT_GT(RandomSchedule::settled_total, 5000u);
  EXPECT_GT(RandomSchedule::unsettled_total, 5000u);
  EXPECT_GT(RandomSchedule::shed_total, 1000u);
  EXPECT_GT(RandomSchedule::orphans_total, 1000u);
  EXPECT_GT(RandomSchedule::attempts_total, 5000u);
}

}  // namespace
}  // namespace octo
