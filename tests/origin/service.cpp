// Lookup, draws and counting behind Service.
#include "service.hpp"

#include <algorithm>
#include <ctime>

#include "pattern.h"
#include "percent.hpp"
#include "reply_plan.hpp"

namespace octo::origin {

namespace {

Reply bare_reply(int status) {
  Reply reply;
  reply.status = status;
  reply.reason = reason_of(status);
  reply.text = "";
  reply.size = 0;
  reply.is_last = true;
  return reply;
}

// As S3 words it.
Reply refusal_of(const SignatureVerdict &verdict) {
  Reply reply;
  reply.status = verdict.status;
  reply.reason = reason_of(verdict.status);
  reply.headers = {
      {"Content-Type", "application/xml"}, {"x-amz-request-id", "REQUEST-ID"}, {"x-amz-id-2", "EXTENDED-REQUEST-ID"}};
  const std::string region = verdict.region.empty() ? "" : "<Region>" + verdict.region + "</Region>";
  reply.text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + verdict.code +
               "</Code><Message>The signature was refused.</Message>" + region + "</Error>";
  return reply;
}

// Whether the reply has faults for this connection.
bool strikes(const Reply &reply, const Arrival &arrival) {
  if (reply.faults.empty()) return false;
  if (!reply.fault_address.empty() && reply.fault_address != arrival.address) return false;
  const bool is_fresh = arrival.nth_on_connection == 1;
  return reply.fault_on == FaultOn::kAny || is_fresh == (reply.fault_on == FaultOn::kFresh);
}

double draw_ms(const Latency &latency, Dice &dice) {
  switch (latency.type) {
    case Latency::Type::kNone: return 0;
    case Latency::Type::kFixed: return latency.fixed_ms;
    case Latency::Type::kLognormal: break;
  }
  if (latency.tail_share > 0 && dice.share() < latency.tail_share) {
    return dice.between(latency.tail_min_ms, latency.tail_max_ms);
  }
  return latency.median_ms * std::exp(latency.sigma * dice.normal());
}

}  // namespace

Service::Service()
    : ids_{counters_.intern("connections.accepted", true),
           counters_.intern("connections.closed_by_client", true),
           counters_.intern("tls.handshakes", true),
           counters_.intern("tls.handshakes_failed", true),
           counters_.intern("tls.resumed", true),
           counters_.intern("replies.completed", true),
           counters_.intern("replies.aborted_by_client", true),
           counters_.intern("bytes.sent", true)},
      requests_(counters_.intern("requests.total", true)),
      malformed_(counters_.intern("requests.malformed", true)),
      over_rate_(counters_.intern("requests.over_rate", true)),
      unsigned_(counters_.intern("requests.badly_signed", true)) {
  for (std::size_t i = 0; i < kCountedHeaders.size(); ++i) {
    header_ids_[i] = counters_.intern(std::string("requests.with_header.") + kCountedHeaders[i]);
  }
  use(Script{});
}

Plan Service::answer(const RequestHead &head, const Arrival &arrival, Instant now) {
  counters_.add(requests_);
  count_headers(head);
  const std::string path = percent_decoded(head.path);
  const std::uint64_t nth = log_.record(path, head, arrival);
  if (head.method != "GET" && head.method != "HEAD") return refuse(405);
  if (head.has_body) return refuse(400);
  if (script_.signature) {
    const SignatureVerdict verdict = judge_signature(head, *script_.signature, std::time(nullptr));
    if (!verdict.code.empty()) {
      counters_.add(unsigned_);
      return replied(refusal_of(verdict), false, Duration::zero(), path, head, now);
    }
  }
  if (is_over_rate(now)) {
    counters_.add(over_rate_);
    return replied(script_.rate_max->reply, false, Duration::zero(), path, head, now);
  }
  ReplyList &list = script_.replies_of(path);
  const std::uint64_t turn = list.is_shared ? list.shared_count++ : nth - 1;
  const Reply &reply = list.replies[std::min<std::size_t>(static_cast<std::size_t>(turn), list.replies.size() - 1)];
  Dice dice(script_.seed, octo_pattern_seed(path.data(), path.size()), nth);
  const bool has_faults = strikes(reply, arrival) && (reply.fault_share >= 1 || dice.share() < reply.fault_share);
  const Duration latency = latency_of(reply, dice);
  return replied(reply, has_faults, latency, path, head, now);
}

Plan Service::refuse(int status) {
  if (status != 405) counters_.add(malformed_);
  const Reply reply = bare_reply(status);
  return plan_reply({reply, false, Duration::zero(), ""}, RequestHead{});
}

const AcceptFault *Service::accept_fault(const std::string &listener, std::string_view address) {
  const auto found = script_.accept.find(listener);
  if (found == script_.accept.end()) return nullptr;
  for (AcceptFault &fault : found->second) {
    if (!fault.address.empty() && fault.address != address) continue;
    if (fault.count != 0 && fault.seen >= fault.count) continue;
    Dice dice(script_.seed, fault.counter, ++accepted_);
    if (fault.share < 1 && dice.share() >= fault.share) continue;
    ++fault.seen;
    counters_.add(fault.counter);
    return &fault;
  }
  return nullptr;
}

void Service::use(Script script) {
  script_ = std::move(script);
  reset();
}

void Service::reset() {
  counters_.zero();
  log_.zero();
  service_times_.zero();
  reset_at_ = std::chrono::steady_clock::now();
  rate_at_ = reset_at_;
  rate_tokens_ = script_.rate_max ? script_.rate_max->burst : 0;
  accepted_ = 0;
  script_.fallback.shared_count = 0;
  for (auto &[path, list] : script_.exact) list.shared_count = 0;
  for (auto &[prefix, list] : script_.prefixes) list.shared_count = 0;
  for (auto &[listener, faults] : script_.accept) {
    for (AcceptFault &fault : faults) fault.seen = 0;
  }
}

void Service::count_headers(const RequestHead &head) {
  for (const auto &[name, value] : head.headers) {
    for (std::size_t i = 0; i < kCountedHeaders.size(); ++i) {
      if (is_equal_ignoring_case(name, kCountedHeaders[i])) counters_.add(header_ids_[i]);
    }
  }
}

// A bucket that fills at the allowed rate and holds the burst.
bool Service::is_over_rate(Instant now) {
  if (!script_.rate_max) return false;
  const RateMax &rate = *script_.rate_max;
  const double passed_s = std::chrono::duration<double>(now - rate_at_).count();
  rate_tokens_ = std::min(rate.burst, rate_tokens_ + std::max(0.0, passed_s) * rate.per_second);
  rate_at_ = now;
  if (rate_tokens_ < 1) return true;
  rate_tokens_ -= 1;
  return false;
}

bool Service::limit_rate(double per_second, double burst) {
  if (!script_.rate_max) return false;
  script_.rate_max->per_second = per_second;
  script_.rate_max->burst = burst;
  rate_tokens_ = burst;
  return true;
}

Plan Service::replied(const Reply &reply, bool has_faults, Duration latency, const std::string &path,
                      const RequestHead &head, Instant now) {
  if (script_.has_service_times) service_times_.record(now, latency, reply.status, path);
  const std::string_view name = path[0] == '/' ? std::string_view(path).substr(1) : std::string_view(path);
  return plan_reply({reply, has_faults, latency, name}, head);
}

Duration Service::latency_of(const Reply &reply, Dice &dice) const {
  const double ms =
      (draw_ms(reply.latency.value_or(script_.latency), dice) + reply.delay_ms) * script_.slow_down_factor;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(ms));
}

}  // namespace octo::origin
