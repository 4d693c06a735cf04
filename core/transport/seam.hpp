// The seam between what is decided and what is sent: exchanges go down, events come up.
//
// The scheduler sees this file alone; libcurl and libuv stand behind it in production, a scripted fake in tests.
// Everything here happens on the I/O thread of one engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/byte_range.hpp"
#include "base/phase.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "transport/endpoint.hpp"

namespace octo {

struct PhaseDurations {
  Duration connecting{};
  Duration securing{};
  Duration waiting{};
  Duration receiving{};
};

// What to ask of which endpoint. Views must stay valid until the exchange ends or is cancelled.
struct ExchangeRequest {
  EndpointRef endpoint;
  std::string_view target;                            // begins with '/', encoded, with its query: the path on the wire
  const std::vector<std::string> *headers = nullptr;  // "Name: value" lines on top of the client's; may be null
  const std::vector<std::string> *signature = nullptr;  // more lines, that sign the request; may be null
  std::optional<ByteRange> range;                       // also sends the Range header
  std::string_view if_none_match;                       // also sends the header; "" for none
  bool fresh_connection = false;                        // never reuse one
  bool head = false;                                    // HEAD instead of GET, to warm a connection
};

// How an exchange ended.
struct ExchangeEnd {
  Status status = Status::internal;
  std::uint32_t http_status = 0;  // 0: no response
  bool connected = false;         // a connection stood (TCP, and TLS where used)
  bool reused = false;            // over a connection that was open before
  // The reused connection was dead or dirty before a byte of this response came: the same exchange on a fresh
  // connection is free of side effects and no retry.
  bool may_rerun = false;
  bool guard_refused = false;  // of may_rerun: stray bytes were found on the connection
  bool partial = false;        // 206
  bool opened_connection = false;
  std::uint64_t object_size = 0;  // of the whole object where partial
  std::uint64_t bytes_received = 0;
  Buffer body;  // with Status::ok only
  // Kept response headers: name NUL value NUL ..., names in lower case.
  std::string headers;
  std::string error_code;  // of the origin
  std::string request_id;
  std::string extended_request_id;
  std::string message;  // one sentence; empty for ok
  PhaseDurations durations;
};

// Whoever started an exchange. on_phase, on_bytes and may_send are called from inside libcurl: they note, and must not start or
// cancel anything. on_end is called outside of it, once, and never after cancel.
class ExchangeEvents {
 public:
  virtual void on_phase(Phase phase, Instant at) noexcept = 0;
  // How many bytes of the body have come so far.
  virtual void on_bytes(std::uint64_t /*received*/) noexcept {}
  // A connection stands and the request is about to be written. False drops the exchange without a trace, because
  // another one of the same attempt connected first: it ends with Status::cancelled.
  virtual bool may_send() noexcept = 0;
  virtual void on_end(ExchangeEnd end) noexcept = 0;

 protected:
  ~ExchangeEvents() = default;
};

// An exchange under way; owned by the transport until on_end or cancel.
class Exchange {
 public:
  virtual std::uint64_t bytes_received() const noexcept = 0;
  // Declared body bytes still to come; empty while the headers are not complete or the length is not declared.
  virtual std::optional<std::uint64_t> bytes_left() const noexcept = 0;

 protected:
  ~Exchange() = default;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Never calls back from inside. Null when there is no memory for it.
  virtual Exchange *start(const ExchangeRequest &request, ExchangeEvents &events) noexcept = 0;
  // No event comes any more; the connection closes unless the response was complete.
  virtual void cancel(Exchange *exchange) noexcept = 0;
  // Closes idle connections, because descriptors or memory ran out.
  virtual void close_idle() noexcept = 0;
  virtual std::uint32_t connections_open() const noexcept = 0;
  virtual std::uint32_t connections_idle() const noexcept = 0;
};

// Where the addresses of the origin come from. One lookup at a time; on_addresses and on_lookup_failed are called on
// the I/O thread, never from inside start_lookup.
class ResolverEvents {
 public:
  // At least one endpoint, in the order of the answer. An address that was known keeps its Endpoint.
  virtual void on_addresses(std::vector<EndpointRef> endpoints) noexcept = 0;
  virtual void on_lookup_failed(Status status, std::string message) noexcept = 0;

 protected:
  ~ResolverEvents() = default;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Starts a lookup unless one runs already. False when it cannot (no thread): on_lookup_failed does not come.
  virtual bool start_lookup(ResolverEvents &events) noexcept = 0;
};

}  // namespace octo
