// The callbacks of an exchange and its end, for transfer.hpp.
#include "transport/transfer.hpp"

#include <cerrno>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "transport/guard.hpp"
#include "transport/outcome_status.hpp"
#include "transport/s3_answer.hpp"
#include "transport/tls_ending.hpp"

namespace octo {
namespace {

constexpr char kEarlyResponse[] = "bytes of a response came before the first request of the connection was sent";

}  // namespace

Transfer::Transfer(const TransportParts &parts, Sockets &sockets, const ExchangeRequest &request,
                   ExchangeEvents &events)
    : parts_(parts),
      sockets_(sockets),
      events_(events),
      endpoint_(request.endpoint),
      response_({request.range, !request.if_none_match.empty(), request.head, parts.config.unframed_allowed,
                 parts.config.is_s3, parts.config.object_size_max},
                parts.ledger),
      phases_(parts.clock.now()) {}

Transfer::~Transfer() {
  sockets_.release(hold_);
  ::curl_easy_cleanup(easy_);
  ::curl_slist_free_all(headers_);
  ::curl_slist_free_all(connect_to_);
}

void Transfer::fail(Status status, const char *text) noexcept {
  if (failure_) return;
  failure_.emplace();
  failure_->status = status;
  try {
    failure_->text = text;
  } catch (const std::bad_alloc &) {
    // The status says enough.
  }
}

void Transfer::enter(Phase phase) noexcept {
  const Instant now = parts_.clock.now();
  phases_.enter(phase, now);
  is_securing_ = phase == Phase::securing;
  events_.on_phase(phase, now);
}

curl_socket_t Transfer::open_socket(const curl_sockaddr &address) {
  if (is_connected_) {
    refuse_second_connection();
    return CURL_SOCKET_BAD;
  }
  enter(Phase::connecting);
  const int fd = sockets_.open(address.family, address.socktype, address.protocol, endpoint_, hold_);
  if (fd >= 0) return fd;
  const Failure failure = explain_socket_error(errno);
  fail(failure.status, failure.text.c_str());
  return CURL_SOCKET_BAD;
}

// Called when the connection stands.
bool Transfer::before_request(ConnectionName name) {
  if (is_connected_) return refuse_second_connection();
  is_connected_ = true;
  is_reused_ = hold_.socket == nullptr || hold_.socket->is_used;
  if (is_reused_) {
    Socket *socket = sockets_.find(name);
    if (!is_fit_for_reuse(socket)) return false;
    if (socket->holder != &hold_) sockets_.take(*socket, hold_);
  } else {
    hold_.socket->name = std::move(name);
    hold_.socket->is_used = true;
    parts_.counters.connections_opened.add();
  }
  if (!events_.may_send()) {
    is_dropped_ = true;
    return false;
  }
  // As late as can be.
  if (!is_reused_ && !is_fit_for_first_use(*hold_.socket)) return false;
  enter(Phase::waiting);
  return true;
}

// HTTP lets the client speak first, so that what is there already answers nothing; but over TLS it may be tickets.
bool Transfer::is_fit_for_first_use(Socket &socket) noexcept {
  if (!parts_.config.secure) {
    if (look_at_idle(socket.fd, nullptr) != IdleState::dirty) return true;
    fail(Status::protocol_error, kEarlyResponse);
    return false;
  }
  ssl_st *tls = tls_session();
  if (tls == nullptr) return refuse_connection("its TLS session could not be checked", true);
  socket.early.watch(tls, waiting_bytes(socket.fd));
  return true;
}

ssl_st *Transfer::tls_session() const noexcept {
  curl_tlssessioninfo *session = nullptr;
  ::curl_easy_getinfo(easy_, CURLINFO_TLS_SSL_PTR, &session);
  const bool is_openssl = session != nullptr && session->backend == CURLSSLBACKEND_OPENSSL;
  return is_openssl ? static_cast<ssl_st *>(session->internals) : nullptr;
}

// A connection that cannot be found cannot be looked at: that is no reason to trust it.
bool Transfer::is_fit_for_reuse(Socket *socket) noexcept {
  if (socket == nullptr) return refuse_connection("the reused connection could not be checked", true);
  // Its last exchange may have ended in this very call of libcurl, which tells us afterwards.
  if (socket->holder != nullptr && socket->holder != &hold_) sockets_.release(*socket->holder);
  // libcurl's own limit counts whole seconds, and on a clock that stands still while the host sleeps.
  if (AgeClock::elapsed(socket->idle_since, AgeClock::read()) > parts_.config.idle_max) {
    return refuse_connection("the reused connection was idle for too long", false);
  }
  const ssl_st *tls = nullptr;
  if (parts_.config.secure) {
    tls = tls_session();
    if (tls == nullptr) return refuse_connection("its TLS session could not be checked", true);
  }
  switch (look_at_idle(socket->fd, tls)) {
    case IdleState::clean: return true;
    case IdleState::dirty: return refuse_connection("bytes of no response were waiting on the reused connection", true);
    case IdleState::dead: break;
  }
  return refuse_connection("the reused connection was closed while it was idle", false);
}

// libcurl tries again by itself, up to five times, when a reused connection dies before its response. Ended here, the
// re-run is the scheduler's: counted, once, and on a fresh connection.
bool Transfer::refuse_second_connection() noexcept {
  return refuse_connection("the reused connection died before the response", false);
}

bool Transfer::refuse_connection(const char *text, bool is_stray) noexcept {
  fail(Status::connection_lost, text);
  may_rerun_ = true;
  is_guard_refused_ = is_stray;
  if (is_stray) parts_.counters.connections_refused_by_guard.add();
  return false;
}

bool Transfer::take_header(std::string_view line) {
  if (!response_.has_begun()) {
    if (hold_.socket != nullptr && hold_.socket->early.held_response()) {
      fail(Status::protocol_error, kEarlyResponse);
      return false;
    }
    enter(Phase::receiving);
  }
  return response_.take_header(line);
}

bool Transfer::take_body(const void *bytes, std::size_t count) {
  parts_.counters.bytes_received.add(count);
  const bool goes_on = response_.take_body(bytes, count);
  events_.on_bytes(response_.bytes_received());
  return goes_on;
}

// ------------------------------------------------------------------------------------------------------------ the end

void Transfer::finish(CURLcode code) noexcept {
  is_finished_ = true;
  code_ = code;
}

ExchangeEnd Transfer::conclude() noexcept {
  OCTO_ASSERT(is_finished_);
  phases_.stop(parts_.clock.now());
  ExchangeEnd end;
  try {
    explain(end);
  } catch (const std::bad_alloc &) {
    end = ExchangeEnd();
    end.status = Status::no_memory;
  }
  end.http_status = response_.http_status();
  end.connected = is_connected_;
  end.reused = is_connected_ && is_reused_;
  end.opened_connection = is_connected_ && !is_reused_;
  end.may_rerun = end.may_rerun || may_rerun_;
  end.guard_refused = is_guard_refused_;
  end.bytes_received = response_.bytes_received();
  end.durations = phases_.durations();
  if (end.status != Status::ok) return end;
  end.partial = response_.is_partial();
  end.object_size = response_.object_size();
  end.body = response_.take_kept_body();
  return end;
}

void Transfer::explain(ExchangeEnd &end) {
  if (!failure_ && !is_dropped_ && code_ == CURLE_OK) response_.finish();
  const Failure *failure = failure_ ? &*failure_ : response_.failure();
  if (is_dropped_) {
    end.status = Status::cancelled;
    return;
  }
  S3Error error = response_.take_error();
  if (failure != nullptr) {
    end.status = failure->status;
    end.error_code = std::move(error.code);
    end.message = endpoint_->text + ": " + failure->text;
  } else if (response_.is_settled_by_status()) {
    end.status = status_of_http(response_.http_status(), response_.has_range());
    if (end.status != Status::ok && end.status != Status::not_modified) {
      end.message = endpoint_->text + ": the origin answers " + std::to_string(response_.http_status());
      if (!error.code.empty()) end.message += " " + error.code;
      if (parts_.config.is_s3) end.message += s3_advice(response_.http_status(), error, response_.date());
    }
    end.error_code = std::move(error.code);
  } else if (code_ == CURLE_OK) {
    end.status = Status::ok;
  } else {
    explain_wire(end);
  }
  end.headers = response_.take_kept_headers();
  end.request_id = response_.take_request_id();
  end.extended_request_id = response_.take_extended_request_id();
  // Not every store repeats in the headers what its error document says.
  if (end.request_id.empty()) end.request_id = std::move(error.request_id);
  if (end.extended_request_id.empty()) end.extended_request_id = std::move(error.host_id);
}

void Transfer::explain_wire(ExchangeEnd &end) const {
  long os_error = 0;
  ::curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
  long request_bytes = 0;
  ::curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request_bytes);
  WireEnd wire;
  wire.code = code_;
  wire.os_error = static_cast<int>(os_error);
  wire.text = error_text_.data();
  wire.is_securing = is_securing_;
  wire.is_connected = is_connected_;
  wire.is_request_unsent = request_bytes == 0;
  wire.is_reused = is_reused_;
  wire.has_response_begun = response_.has_begun();
  wire.has_response_head = response_.has_head();
  wire.is_address_v6 = endpoint_->address.find(':') != std::string::npos;
  wire.connect_timeout = parts_.config.connect_timeout;
  if (parts_.trust_store != nullptr) wire.roots = parts_.trust_store->source();
  WireFailure explained = explain_wire_end(wire);
  end.status = explained.failure.status;
  end.message = endpoint_->text + ": " + explained.failure.text;
  end.may_rerun = explained.may_rerun;
}

// ------------------------------------------------------------------------------------------------- libcurl's callbacks

struct Transfer::Callbacks {
  // Nothing may pass through C code.
  template <typename Answer, typename Body>
  static Answer guarded(Transfer &transfer, Answer refusal, Body body) noexcept {
    try {
      return body();
    } catch (...) {
      transfer.fail(Status::no_memory, "no memory for the exchange");
      return refusal;
    }
  }

  static curl_socket_t on_open(void *context, curlsocktype, curl_sockaddr *address) {
    auto &self = *static_cast<Transfer *>(context);
    return guarded<curl_socket_t>(self, CURL_SOCKET_BAD, [&] { return self.open_socket(*address); });
  }

  // A connection may outlive the exchange that opened it, so this one gets the sockets, not an exchange.
  static int on_close(void *context, curl_socket_t fd) {
    static_cast<Sockets *>(context)->close(fd);
    return 0;
  }

  static CURLcode on_tls(CURL *, void *tls_context, void *context) {
    auto &self = *static_cast<Transfer *>(context);
    if (self.parts_.trust_store == nullptr) return CURLE_SSL_CERTPROBLEM;
    auto *ssl_context = static_cast<ssl_ctx_st *>(tls_context);
    self.parts_.trust_store->attach(ssl_context);
    read_record_by_record(ssl_context);
    end_without_waiting(ssl_context);
    self.enter(Phase::securing);
    return CURLE_OK;
  }

  // NOLINTNEXTLINE(readability-non-const-parameter): libcurl's signature
  static int on_request(void *context, char *peer_ip, char *local_ip, int peer_port, int local_port) {
    auto &self = *static_cast<Transfer *>(context);
    return guarded<int>(self, CURL_PREREQFUNC_ABORT, [&] {
      const bool goes_on = self.before_request({local_port, peer_port, local_ip, peer_ip});
      return goes_on ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
    });
  }

  static std::size_t on_header(char *line, std::size_t, std::size_t size, void *context) {
    auto &self = *static_cast<Transfer *>(context);
    return guarded<std::size_t>(self, 0, [&] { return self.take_header({line, size}) ? size : 0; });
  }

  static std::size_t on_body(char *bytes, std::size_t, std::size_t size, void *context) {
    auto &self = *static_cast<Transfer *>(context);
    // 0 of 0 is no refusal.
    return guarded<std::size_t>(self, size + 1, [&] { return self.take_body(bytes, size) ? size : size + 1; });
  }
};

bool Transfer::set_callbacks() {
  const auto set = [this](CURLoption option, auto value) {
    return ::curl_easy_setopt(easy_, option, value) == CURLE_OK;
  };
  return set(CURLOPT_PRIVATE, static_cast<void *>(this)) && set(CURLOPT_ERRORBUFFER, error_text_.data()) &&
         set(CURLOPT_OPENSOCKETFUNCTION, &Callbacks::on_open) && set(CURLOPT_OPENSOCKETDATA, this) &&
         set(CURLOPT_CLOSESOCKETFUNCTION, &Callbacks::on_close) && set(CURLOPT_CLOSESOCKETDATA, &sockets_) &&
         set(CURLOPT_SSL_CTX_FUNCTION, &Callbacks::on_tls) && set(CURLOPT_SSL_CTX_DATA, this) &&
         set(CURLOPT_PREREQFUNCTION, &Callbacks::on_request) && set(CURLOPT_PREREQDATA, this) &&
         set(CURLOPT_HEADERFUNCTION, &Callbacks::on_header) && set(CURLOPT_HEADERDATA, this) &&
         set(CURLOPT_WRITEFUNCTION, &Callbacks::on_body) && set(CURLOPT_WRITEDATA, this);
}

}  // namespace octo
