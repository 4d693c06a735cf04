// Decides what each request gets: finds its reply in the script, draws latency and faults, counts. No sockets here; connections ask
// and execute, the control listener changes the script and reads the report.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "counters.hpp"
#include "dice.hpp"
#include "plan.hpp"
#include "request_head.hpp"
#include "request_log.hpp"
#include "script.hpp"
#include "service_times.hpp"

namespace octo::origin {

class Service {
 public:
  Service();

  // The steps that answer this request.
  Plan answer(const RequestHead &head, const Arrival &arrival, Instant now);

  // The steps that answer bytes which are no request: a status, then the end of the connection.
  Plan refuse(int status);

  // The fault a new connection meets, or null. Counts connections against the fault's own limit.
  const AcceptFault *accept_fault(const std::string &listener, std::string_view address);

  // Replaces the script, zeroes the counters, and starts lists, draws and the rate anew.
  void use(Script script);
  void reset();
  void slow_down(double factor) { script_.slow_down_factor = factor; }

  // Another rate, from a full bucket, for a script that has one.
  bool limit_rate(double per_second, double burst);

  Counters &counters() { return counters_; }
  const RequestLog &log() const { return log_; }
  const ServiceTimes &service_times() const { return service_times_; }
  double since_reset_ms(Instant now) const {
    return std::chrono::duration<double, std::milli>(now - reset_at_).count();
  }

  // Counters the connections keep.
  struct Ids {
    CounterId accepted, closed_by_client, handshakes, handshakes_failed, resumed, completed, aborted, bytes_sent;
  };
  const Ids &ids() const { return ids_; }

 private:
  // Which of these a request carried is counted by name.
  static constexpr std::array<const char *, 12> kCountedHeaders = {
      "range",  "if-none-match",       "if-match", "if-range",        "authorization", "x-amz-security-token",
      "cookie", "proxy-authorization", "expect",   "accept-encoding", "traceparent",   "content-length"};

  void count_headers(const RequestHead &head);
  bool is_over_rate(Instant now);
  Plan replied(const Reply &reply, bool has_faults, Duration latency, const std::string &path, const RequestHead &head,
               Instant now);
  Duration latency_of(const Reply &reply, Dice &dice) const;

  Counters counters_;
  Ids ids_;
  CounterId requests_;
  CounterId malformed_;
  CounterId over_rate_;
  CounterId unsigned_;
  std::array<CounterId, kCountedHeaders.size()> header_ids_{};
  RequestLog log_;
  ServiceTimes service_times_;
  Script script_;
  Instant reset_at_;
  Instant rate_at_;
  double rate_tokens_ = 0;
  std::uint64_t accepted_ = 0;
};

}  // namespace octo::origin
