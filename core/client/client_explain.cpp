// What is inside of a client at this moment, as a document for people and programs, for client.hpp.
#include <nlohmann/json.hpp>
#include <string>

#include "base/printable.hpp"
#include "batch/summary_json.hpp"
#include "client/client.hpp"

namespace octo {
namespace {

// Keeps fields in the order they are written, so that a person finds the gauges before the batches.
using Json = nlohmann::ordered_json;

constexpr std::size_t kNameBytesMax = 200;

// Null for an instant that there is none of.
Json age_us(Instant at, Instant now) { return at == Instant{} ? Json(nullptr) : Json(count_us(now - at)); }

Json engine_json(Engine *engine, const ScheduleState &state, Instant now) {
  const char *word = engine == nullptr ? "none" : (engine->has_thread() ? "running" : "asleep");
  return {{"state", word}, {"written_ago_us", age_us(state.at, now)}};
}

Json slots_json(const ScheduleState &state, std::uint32_t slots_max) {
  Json json = {{"busy", state.slots_busy}, {"max", slots_max}};
  for (auto i = static_cast<std::size_t>(Phase::resolving); i < kPhaseCount; ++i) {
    json[phase_name(static_cast<Phase>(i))] = state.in_phase[i];
  }
  json["orphans"] = state.orphans;
  return json;
}

Json addresses_json(const AddressesState &addresses, Instant now) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(addresses.count, addresses.shown.size()); ++i) {
    const AddressState &shown = addresses.shown[i];
    list.push_back({{"address", shown.text.data()},
                    {"connections_open", shown.connections_open},
                    {"connections_idle", shown.connections_idle},
                    {"failures", shown.failures},
                    {"set_aside_us", count_us(shown.set_aside_until - now)}});
  }
  return {{"count", addresses.count},
          {"age_us", age_us(addresses.answered_at, now)},
          {"looking_up", addresses.is_asking},
          {"shown", std::move(list)}};
}

Json credentials_json(const Ref<SharedCredentials> &held, std::chrono::sys_seconds now) {
  const auto expires_at = held ? held->value.expires_at() : std::nullopt;
  return {{"set", static_cast<bool>(held)},
          {"expires_in_s", expires_at ? Json((*expires_at - now).count()) : Json(nullptr)}};
}

Json worst_json(const BadBatch &bad, Instant now) {
  const BatchSummary &summary = bad.summary;
  return {{"frozen_ago_us", count_us(now - bad.frozen_at)},
          {"state", status_name(status_of(summary.state))},
          {"budget_us", summary.budget_us},
          {"frozen_us", summary.frozen_us},
          {"pickup_lag_us", summary.pickup_lag_us},
          {"counts", counts_json(summary)},
          {"line", bad.line}};
}

}  // namespace

std::string Client::explain() const {
  const Instant now = system_clock().now();
  const std::chrono::sys_seconds date = system_wall_clock().now();
  const std::shared_ptr<Engine> running = engine();
  const ScheduleState state = running ? running->schedule_state() : ScheduleState{};
  const Counters none;
  const Counters &counters = running ? running->counters() : none;
  const auto gauge = [&](Counter Engine::ServiceGauges::*one) {
    return running ? (running->service_gauges.*one).value() : 0;
  };
  const OptionValue &name = options_.value(OptionId::name);
  Json worst = Json::array();
  if (running) {
    for (const BadBatch &bad : running->worst_batches(now)) worst.push_back(worst_json(bad, now));
  }
  const Json json = {
      {"v", 1},
      {"name", printable(name.text.empty() ? origin_.host : name.text, kNameBytesMax)},
      {"time_s", date.time_since_epoch().count()},
      {"engine", engine_json(running.get(), state, now)},
      {"queue", {{"length", state.queued}, {"limit", config_->schedule.queue_max}}},
      {"slots", slots_json(state, config_->schedule.slots_max)},
      {"connections", {{"open", counters.connections_open.value()}, {"idle", counters.connections_idle.value()}}},
      {"addresses", addresses_json(state.addresses, now)},
      {"credentials", config_->signing ? credentials_json(credentials_.get(), date) : Json(nullptr)},
      {"estimate",
       {{"now_us", counters.estimate_us.value()},
        {"service_us_p50", gauge(&Engine::ServiceGauges::p50_us)},
        {"service_us_p90", gauge(&Engine::ServiceGauges::p90_us)},
        {"service_us_p99", gauge(&Engine::ServiceGauges::p99_us)}}},
      {"memory",
       {{"active", running ? running->ledger().active() : 0},
        {"delivered", running ? running->ledger().delivered() : 0},
        {"max", memory_max_.load(std::memory_order_relaxed)}}},
      {"worst", std::move(worst)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace octo
