// Scripts, rounds and comparison for right_bytes.hpp.
#include "capi/right_bytes.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kConnections = 32;
constexpr std::size_t kKeysPerBatch = 100;
constexpr std::size_t kCleanSize = 900;
// Longer than any batch of the scenario takes, so that what strikes an idle connection never meets a request that is
// being written: such bytes are beyond any client's power, and have a test of their own.
constexpr auto kIdleAfter = 400ms;

std::string fault_reply(std::size_t size, const std::string &fault) {
  return R"({"size": )" + std::to_string(size) + R"(, "fault": )" + fault + "}";
}

// A latency keeps each request of a round on a connection of its own, which then stays idle.
std::string idle_reply(const std::string &fault) { return R"({"size": 900, "delay_ms": 20, "fault": )" + fault + "}"; }

std::string idle_after(const std::string &begin) {
  return begin + R"(, "after_ms": )" + std::to_string(kIdleAfter.count()) + "}";
}

Injection stray(const std::string &name, const std::string &where, std::size_t size) {
  return {name, "injected.stray." + where, fault_reply(size, R"({"type": "stray", "where": ")" + where + "\"}"), size,
          false};
}

Injection stray_while_idle(const std::string &kind) {
  const std::string suffix = kind == "bytes" ? "" : "." + kind;
  return {"idle_" + kind, "injected.stray.while_idle" + suffix,
          idle_reply(idle_after(R"({"type": "stray", "where": "while_idle", "kind": ")" + kind + "\"")), kCleanSize,
          true};
}

std::string script(std::uint64_t seed) {
  std::string text = R"({"seed": )" + std::to_string(seed) + R"(, "default": {"size": )" + std::to_string(kCleanSize) +
                     R"(}, "paths": {)";
  const char *separator = "";
  for (const Injection &injection : injections()) {
    text += separator + ("\"/" + injection.name + "/*\": ") + injection.reply;
    separator = ", ";
  }
  return text + "}}";
}

std::string address_list(std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += (i == 1 ? "127.0.0." : ",127.0.0.") + std::to_string(i);
  return list;
}

OptionList options(const OriginProcess &origin, const std::string &listener, std::size_t addresses) {
  OptionList list = {{"connections.max", std::to_string(kConnections)}, {"dns.addresses", address_list(addresses)}};
  if (listener == "https") list["tls.ca_file"] = origin.ca_file();
  return list;
}

}  // namespace

const std::vector<Injection> &injections() {
  // The length of a body that ends with a TLS record, or within one, decides where libcurl stops to read.
  static const std::vector<Injection> all = {
      stray("same_segment", "same_segment", 700),
      stray("same_segment_long", "same_segment", 40'000),
      stray("body_record", "body_record", 500),
      stray("body_record_long", "body_record", 16'384 * 2),
      stray_while_idle("bytes"),
      stray_while_idle("close_notify"),
      stray_while_idle("fin"),
      stray_while_idle("rst"),
      {"length_short", "injected.length_short", fault_reply(800, R"({"type": "length_short", "by": 90})"), 710, false},
      {"length_short_late", "injected.length_short",
       R"({"size": 800, "delay_ms": 20, "fault": {"type": "length_short", "by": 90, "split": true, "gap_ms": )" +
           std::to_string(kIdleAfter.count()) + "}}",
       710, true},
      {"length_long", "injected.length_long", fault_reply(800, R"({"type": "length_long", "by": 90})"), 0, false},
      {"reset", "injected.reset.body", fault_reply(800, R"({"type": "reset"})"), 0, false},
      {"close", "injected.close.body", fault_reply(800, R"({"type": "close"})"), 0, false},
      {"idle_close_at_once", "injected.idle_close", fault_reply(600, R"({"type": "idle_close", "after_ms": 0})"), 600,
       false},
      {"idle_close_soon", "injected.idle_close", fault_reply(600, R"({"type": "idle_close", "after_ms": 0.3})"), 600,
       false},
  };
  return all;
}

RightBytes::RightBytes(const std::string &listener, std::size_t addresses, std::uint64_t seed)
    : origin_(script(seed), address_list(addresses)),
      client_(open_client(origin_.url(listener), options(origin_, listener, addresses))),
      random_(seed) {}

void RightBytes::round() {
  fetch_mixed();
  fetch_mixed();
  fetch_clean();
  fetch_idle();
  fetch_clean();
}

void RightBytes::run(std::uint64_t fetches_min, std::uint64_t injections_min) {
  while (tally_.fetches < fetches_min || !has_injected(injections_min)) round();
}

void RightBytes::run_until_wrong(int rounds_max) {
  for (int i = 0; i < rounds_max && tally_.wrong == 0; ++i) round();
}

bool RightBytes::has_injected(std::uint64_t injections_min) const {
  return std::all_of(injections().begin(), injections().end(),
                     [&](const Injection &injection) { return injected(injection) >= injections_min; });
}

// Every other key is clean, so that most connections that carry something stray get another request.
void RightBytes::fetch_mixed() {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kKeysPerBatch; ++i) {
    const Injection &injection = injections()[random_() % injections().size()];
    const bool is_clean = i % 2 == 0 || injection.strikes_idle;
    keys.push_back(next_key(is_clean ? "clean" : injection.name));
  }
  fetch_and_compare(keys);
}

void RightBytes::fetch_clean() {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kKeysPerBatch; ++i) keys.push_back(next_key("clean"));
  fetch_and_compare(keys);
}

// One kind at a time, on as many connections as there are, and then nothing until it struck.
void RightBytes::fetch_idle() {
  std::vector<const Injection *> kinds;
  for (const Injection &injection : injections()) {
    if (injection.strikes_idle) kinds.push_back(&injection);
  }
  const Injection &kind = *kinds[idle_turn_++ % kinds.size()];
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kConnections; ++i) keys.push_back(next_key(kind.name));
  fetch_and_compare(keys);
  std::this_thread::sleep_for(kIdleAfter);
  // Two answers of the origin's control port: whatever was due before the first has happened by the second.
  injected(kind);
  injected(kind);
}

void RightBytes::fetch_and_compare(const std::vector<std::string> &keys) {
  const std::vector<Result> got = fetch(client_, keys, {20'000'000});
  for (std::size_t i = 0; i < keys.size(); ++i) compare(keys[i], got[i]);
}

void RightBytes::compare(const std::string &key, const Result &result) {
  ++tally_.fetches;
  ++tally_.statuses[result.status];
  const std::string prefix = key.substr(0, key.find('/'));
  const auto kind = std::find_if(injections().begin(), injections().end(),
                                 [&](const Injection &injection) { return injection.name == prefix; });
  if (result.status != OCTO_OK) {
    if (kind == injections().end() && ++tally_.clean_lost == 1) {
      tally_.first_lost = key + ": " + octo_status_name(result.status) + " " + result.message;
    }
    return;
  }
  ++tally_.ok;
  if (result.body == pattern_body(key, kind == injections().end() ? kCleanSize : kind->body_size)) return;
  if (++tally_.wrong > 1) return;
  tally_.first_wrong = key + ": " + std::to_string(result.body.size()) + " bytes, '" + result.body.substr(0, 12) + "'";
}

std::string RightBytes::report() const {
  std::ostringstream text;
  text << tally_.fetches << " fetches, " << tally_.ok << " bodies, " << tally_.wrong << " wrong, " << tally_.clean_lost
       << " clean keys lost; injected:";
  std::map<std::string, std::uint64_t> counters;
  for (const Injection &injection : injections()) counters[injection.counter] = injected(injection);
  for (const auto &[name, count] : counters) text << ' ' << name.substr(sizeof "injected." - 1) << ' ' << count;
  const octo_stats now = stats();
  text << "; refused by the guard " << now.connections_refused_by_guard << ", reruns " << now.reruns
       << ", connections opened " << now.connections_opened << "; statuses:";
  for (const auto &[status, count] : tally_.statuses) text << ' ' << octo_status_name(status) << ' ' << count;
  return text.str();
}

}  // namespace octo_test
