// The simulated world: batches come, the real scheduler serves them over simulated exchanges, and what arrives is counted.
//
// Time jumps from event to event; nothing costs time but connects and replies. It also runs the closed loop that says
// how much was possible: as many workers as there are slots, each fetching one key after the other with the same
// cut-off, in a world of the same latencies.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch/batch.hpp"
#include "fake_transport.hpp"
#include "latency.hpp"
#include "schedule/scheduler.hpp"
#include "sim_transport.hpp"

namespace octo {

// A stream of batches of one kind.
struct Traffic {
  std::string name;
  std::uint32_t keys = 50;
  Duration budget = 1200ms;
  Duration gap{};  // mean, between two batches that come independently
  Instant first_at = Instant(1000s);
};

// What became of one batch.
struct Served {
  const Traffic *traffic = nullptr;
  Instant submitted_at{};
  std::uint32_t keys = 0;
  std::uint32_t delivered = 0;
  std::uint32_t shed = 0;
  bool is_complete = false;
};

class SimWorld {
 public:
  SimWorld(const ScheduleConfig &wanted, const LatencyModel &model, std::uint32_t seed)
      : config(wanted), latency(model, seed), arrivals(model, seed + 1) {
    scheduler = std::make_unique<Scheduler>(
        config, Scheduler::Parts{transport, resolver, clock, counters, ledger, addresses, service_time, connect_time});
  }

  // Runs until `until`; afterwards `served` holds every batch that froze.
  void run(const std::vector<Traffic> &traffics, Instant until) {
    std::multimap<Instant, const Traffic *> next;
    for (const Traffic &traffic : traffics) next.emplace(traffic.first_at, &traffic);
    while (true) {
      Instant now = std::min(transport.next_at(), scheduler->next_at());
      if (!next.empty()) now = std::min(now, next.begin()->first);
      if (now >= until) break;
      if (now > clock.now()) clock.set(now);
      transport.deliver();
      while (!next.empty() && next.begin()->first <= clock.now()) {
        const auto [at, traffic] = *next.begin();
        next.erase(next.begin());
        submit(*traffic);
        next.emplace(at + arrivals.gap(traffic->gap), traffic);
      }
      scheduler->advance();
      if (resolver.is_asked()) resolver.answer({"192.0.2.1"});
      collect();
    }
    clock.set(until);
    scheduler->advance();
    collect();
  }

  ScheduleConfig config;
  FakeClock clock;
  Latency latency;
  Latency arrivals;
  Counters counters;
  ServiceTime service_time;
  ServiceTime connect_time;
  Ref<Ledger> ledger = Ref<Ledger>::adopt(new Ledger(std::uint64_t{1} << 30));
  Ref<AddressBook> addresses = Ref<AddressBook>::adopt(new AddressBook);
  SimTransport transport{clock, latency};
  FakeResolver resolver;
  std::unique_ptr<Scheduler> scheduler;
  std::vector<Served> served;

 private:
  class Host final : public BatchHost {
   public:
    void on_frozen(Batch &batch, Cause) noexcept override { frozen.push_back(&batch); }
    void on_freed(Batch &) noexcept override {}
    std::vector<Batch *> frozen;
  };
  struct Open {
    Ref<Batch> batch;
    const Traffic *traffic;
  };

  void submit(const Traffic &traffic) {
    BatchSpec spec;
    spec.submitted_at = clock.now();
    spec.deadline = clock.now() + traffic.budget;
    spec.requests.resize(traffic.keys);
    for (Request &request : spec.requests) request.target = "/k";
    spec.ledger = ledger;
    spec.addresses = addresses;
    spec.host = host_;
    Ref<Batch> batch = Ref<Batch>::adopt(new Batch(std::move(spec), clock));
    const Ref<Batch> kept = batch;
    open_.emplace(kept.get(), Open{std::move(batch), &traffic});
    scheduler->accept(kept);
  }
  void collect() {
    for (Batch *batch : host_->frozen) {
      const auto found = open_.find(batch);
      const Open &open = found->second;
      Served result{open.traffic, batch->submitted_at(), open.traffic->keys, 0, 0, false};
      for (const Outcome *at = batch->last_settled(); at != nullptr; at = at->previous) {
        result.delivered += at->status == Status::ok ? 1 : 0;
        result.shed += at->status == Status::shed ? 1 : 0;
      }
      result.is_complete = result.delivered == result.keys;
      served.push_back(result);
      open_.erase(found);
    }
    host_->frozen.clear();
  }

  std::shared_ptr<Host> host_ = std::make_shared<Host>();
  std::unordered_map<const Batch *, Open> open_;
};

// Keys that the closed loop fetches per second, and the share of its fetches that the cut-off does not take.
struct ClosedLoop {
  double keys_per_second = 0;
  double share = 0;
};

inline ClosedLoop run_closed_loop(const LatencyModel &model, std::uint32_t slots, Duration cut_off, Duration span,
                                  std::uint32_t seed) {
  Latency latency(model, seed);
  std::uint64_t delivered = 0;
  std::uint64_t tried = 0;
  const Instant start = Instant(1000s);
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    bool is_connected = false;
    for (Instant now = start; now < start + span;) {
      const Duration connect = is_connected ? Duration{0} : model.connect;
      const Duration whole = connect + latency.draw(now + connect);
      is_connected = whole < cut_off;
      now += std::min(whole, cut_off);
      if (now >= start + span) break;
      ++tried;
      delivered += is_connected ? 1 : 0;
    }
  }
  const double seconds = std::chrono::duration<double>(span).count();
  return {static_cast<double>(delivered) / seconds, static_cast<double>(delivered) / static_cast<double>(tried)};
}

}  // namespace octo
