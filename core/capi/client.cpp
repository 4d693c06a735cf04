// The C functions of clients, and octo_shutdown.
#include "client/client.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/clock.hpp"
#include "base/os_fork.hpp"
#include "base/os_generation.hpp"
#include "base/os_thread.hpp"
#include "capi/boundary.hpp"
#include "capi/handles.hpp"
#include "client/clock_thread.hpp"

using octo::guarded;
using octo::HandleKind;
using octo::Pin;
using octo::refuse;
using octo::Status;
using octo::to_c;

namespace {

// A span of the caller's, which may be OCTO_WAIT_FOREVER.
octo::Duration span_of(uint64_t wait_us) noexcept {
  constexpr uint64_t kSpanUsMax = uint64_t{1} << 50;
  return std::chrono::microseconds(wait_us < kSpanUsMax ? wait_us : kSpanUsMax);
}

octo::Instant until(uint64_t wait_us) noexcept { return octo::later_by(octo::system_clock().now(), span_of(wait_us)); }

constexpr char kNotOpen[] = "client: not an open client";

// OpenSSL frees what its threads use when the process exits, and an I/O thread may be inside of it. Handlers run in the
// reverse order of their registration: this one before that of OpenSSL, which check_libcurl has initialised.
void park_threads_at_exit() noexcept {
  static const int registered = std::atexit([] {
    constexpr uint64_t kExitWaitUs = 50'000;
    // In a child of fork this forgets the parent's threads, before they are counted.
    static_cast<void>(octo::process_generation());
    octo::begin_exit();
    octo::for_each_handle(HandleKind::client, [](void *object) { static_cast<octo::Client *>(object)->wake(); });
    octo::clock_stop();
    octo::wait_for_threads(until(kExitWaitUs));
  });
  static_cast<void>(registered);
}

octo_stats read_stats(octo::Engine &engine) noexcept {
  const octo::Counters &counters = engine.counters();
  octo_stats stats{};
  stats.batches = counters.batches.value();
  stats.batches_complete = counters.batches_complete.value();
  stats.batches_deadline = counters.batches_deadline.value();
  stats.requests = counters.requests.value();
  stats.requests_ok = counters.requests_ok.value();
  stats.requests_other = counters.requests_other.value();
  stats.requests_unsettled = counters.requests_unsettled.value();
  stats.requests_shed = counters.requests_shed.value();
  stats.attempts = counters.attempts.value();
  stats.reruns = counters.reruns.value();
  stats.connections_opened = counters.connections_opened.value();
  stats.connections_refused_by_guard = counters.connections_refused_by_guard.value();
  stats.lookups = counters.lookups.value();
  stats.lookups_failed = counters.lookups_failed.value();
  stats.bytes_received = counters.bytes_received.value();
  stats.orphans_finished = counters.orphans_finished.value();
  stats.orphans_cut = counters.orphans_cut.value();
  stats.connections_open = counters.connections_open.value();
  stats.connections_idle = counters.connections_idle.value();
  stats.slots_busy = counters.slots_busy.value();
  stats.queued = counters.queued.value();
  stats.estimate_us = counters.estimate_us.value();
  stats.forks_unawaited = octo::forks_unawaited();
  stats.memory_active = engine.ledger().active();
  stats.memory_delivered = engine.ledger().delivered();
  stats.service_us_p50 = engine.service_gauges.p50_us.value();
  stats.service_us_p90 = engine.service_gauges.p90_us.value();
  stats.service_us_p99 = engine.service_gauges.p99_us.value();
  return stats;
}

constexpr uint32_t kCredentialFlags = OCTO_CREDENTIALS_SESSION_TOKEN | OCTO_CREDENTIALS_EXPIRES_AT;
constexpr size_t kCredentialsSizeMin = offsetof(octo_credentials, session_token);

octo::Result<octo::CredentialText> read_credentials(const octo_credentials *credentials) {
  const auto invalid = [](const char *text) { return octo::Failure{Status::invalid_argument, text}; };
  if (credentials == nullptr) return invalid("credentials must not be NULL");
  if (credentials->size < kCredentialsSizeMin) return invalid("credentials: size must be sizeof(octo_credentials)");
  octo_credentials given{};
  if (!octo::copy_in(credentials, credentials->size, given) || (given.flags & ~kCredentialFlags) != 0) {
    return octo::Failure{Status::unsupported, "credentials: a flag or field that this version does not know"};
  }
  octo::CredentialText text;
  if (given.access_key_id == nullptr || given.secret_access_key == nullptr) {
    return invalid("credentials: access_key_id and secret_access_key must not be NULL");
  }
  text.access_key_id = given.access_key_id;
  text.secret_access_key = given.secret_access_key;
  if ((given.flags & OCTO_CREDENTIALS_SESSION_TOKEN) != 0) {
    if (given.session_token == nullptr) return invalid("credentials: session_token is flagged but NULL");
    text.session_token = given.session_token;
  }
  if ((given.flags & OCTO_CREDENTIALS_EXPIRES_AT) != 0) {
    constexpr uint64_t kLatest = UINT64_C(1) << 40;  // far behind the last date that a signature can bear
    text.expires_at = std::chrono::sys_seconds(std::chrono::seconds(std::min(given.expires_at_s, kLatest)));
  }
  return text;
}

}  // namespace

octo_status octo_client_open(const char *url, const octo_options *options, octo_client **client_out,
                             octo_error *error) noexcept {
  return guarded(error, [&] {
    if (url == nullptr || client_out == nullptr) {
      return refuse(error, Status::invalid_argument, "url and client_out must not be NULL");
    }
    *client_out = nullptr;
    octo::Options values;
    if (options != nullptr) {
      const Pin pin(octo::value_of(options), HandleKind::options);
      if (!pin.is_ok()) return refuse(error, pin.status(), "options: not an open set of options");
      values = pin.object<octo::Options>();
    }
    auto client = octo::Client::open(url, values);
    if (!client.is_ok()) return refuse(error, client.failure());
    const std::uintptr_t handle = octo::handle_create(HandleKind::client, client.value().get());
    if (handle == 0) return refuse(error, Status::no_memory, "there is no memory for a client");
    static_cast<void>(client.value().leak());
    park_threads_at_exit();
    *client_out = reinterpret_cast<octo_client *>(handle);
    return to_c(Status::ok);
  });
}

octo_status octo_client_set(octo_client *client, const char *name, const char *value, octo_error *error) noexcept {
  return guarded(error, [&] {
    const Pin pin(octo::value_of(client), HandleKind::client);
    if (!pin.is_ok()) return refuse(error, pin.status(), kNotOpen);
    if (name == nullptr || value == nullptr) {
      return refuse(error, Status::invalid_argument, "name and value must not be NULL");
    }
    const auto set = pin.object<octo::Client>().set(name, value);
    return set.is_ok() ? to_c(Status::ok) : refuse(error, set.failure());
  });
}

octo_status octo_client_get(octo_client *client, const char *name, char *buffer, size_t buffer_size,
                            size_t *size_out) noexcept {
  return guarded(nullptr, [&] {
    const Pin pin(octo::value_of(client), HandleKind::client);
    if (!pin.is_ok()) return to_c(pin.status());
    if (name == nullptr || (buffer == nullptr && buffer_size > 0)) {
      return to_c(Status::invalid_argument);
    }
    const auto text = pin.object<octo::Client>().get(name);
    if (!text.is_ok()) return to_c(text.failure().status);
    octo::copy_text(text.value(), buffer, buffer_size, size_out);
    return to_c(Status::ok);
  });
}

octo_status octo_client_credentials_set(octo_client *client, const octo_credentials *credentials,
                                        octo_error *error) noexcept {
  return guarded(error, [&] {
    const Pin pin(octo::value_of(client), HandleKind::client);
    if (!pin.is_ok()) return refuse(error, pin.status(), kNotOpen);
    const auto text = read_credentials(credentials);
    if (!text.is_ok()) return refuse(error, text.failure());
    const auto set = pin.object<octo::Client>().set_credentials(text.value());
    return set.is_ok() ? to_c(Status::ok) : refuse(error, set.failure());
  });
}

octo_status octo_client_warm(octo_client *client, uint32_t connections, uint64_t wait_us, octo_error *error) noexcept {
  return guarded(error, [&] {
    const Pin pin(octo::value_of(client), HandleKind::client);
    if (!pin.is_ok()) return refuse(error, pin.status(), kNotOpen);
    const auto warmed = pin.object<octo::Client>().warm(connections, span_of(wait_us));
    return warmed.is_ok() ? to_c(Status::ok) : refuse(error, warmed.failure());
  });
}

octo_status octo_client_drain(octo_client *client, uint64_t wait_us) noexcept {
  const Pin pin(octo::value_of(client), HandleKind::client);
  if (!pin.is_ok()) return to_c(pin.status());
  return to_c(pin.object<octo::Client>().drain(until(wait_us)));
}

void octo_client_close(octo_client *client) noexcept { octo::handle_end(octo::value_of(client), HandleKind::client); }

octo_status octo_client_stats(octo_client *client, octo_stats *stats_out, size_t stats_size) noexcept {
  const Pin pin(octo::value_of(client), HandleKind::client);
  if (!pin.is_ok()) return to_c(pin.status());
  if (stats_out == nullptr) return to_c(Status::invalid_argument);
  const auto engine = pin.object<octo::Client>().engine();
  octo::copy_out(engine ? read_stats(*engine) : octo_stats{}, stats_out, stats_size);
  return to_c(Status::ok);
}

octo_status octo_client_explain(octo_client *client, int32_t format, char *buffer, size_t buffer_size,
                                size_t *size_out) noexcept {
  return guarded(nullptr, [&] {
    const Pin pin(octo::value_of(client), HandleKind::client);
    if (!pin.is_ok()) return to_c(pin.status());
    if (buffer == nullptr && buffer_size > 0) return to_c(Status::invalid_argument);
    if (format != OCTO_EXPLAIN_JSON) return to_c(Status::unsupported);
    octo::copy_text(pin.object<octo::Client>().explain(), buffer, buffer_size, size_out);
    return to_c(Status::ok);
  });
}

octo_status octo_shutdown(uint64_t wait_us) noexcept {
  const octo::Instant end = until(wait_us);
  // In a child of fork this forgets the parent's threads, before they are counted.
  static_cast<void>(octo::process_generation());
  octo::for_each_handle(HandleKind::client, [](void *object) { static_cast<octo::Client *>(object)->stop(); });
  octo::clock_stop();
  return to_c(octo::wait_for_threads(end) ? Status::ok : Status::again);
}
