// One exchange on libcurl: an easy handle, what its callbacks see, and how it ended.
//
// It knows no multi: its shard adds, ends and destroys it. Callbacks run inside libcurl, so they note and never start
// or cancel; an exception in one ends this exchange alone, with Status::no_memory. I/O thread only.
#pragma once

#include <curl/curl.h>

#include <array>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "metrics/counters.hpp"
#include "transport/config.hpp"
#include "transport/phase_clock.hpp"
#include "transport/response.hpp"
#include "transport/seam.hpp"
#include "transport/sockets.hpp"
#include "transport/trust_store.hpp"

namespace octo {

// What all exchanges of a client share. Outlives them.
struct TransportParts {
  const TransportConfig &config;
  const Clock &clock;
  Ledger &ledger;
  Counters &counters;
  const TrustStore *trust_store;  // null for http
};

class Shard;

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): nobody owns it as an Exchange
class Transfer final : public Exchange {
 public:
  Transfer(const TransportParts &parts, Sockets &sockets, const ExchangeRequest &request, ExchangeEvents &events);
  ~Transfer();
  Transfer(const Transfer &) = delete;
  Transfer &operator=(const Transfer &) = delete;

  // Makes the easy handle, of this exchange alone; false when there is no memory for it. The request is not needed any
  // more afterwards.
  bool prepare(const ExchangeRequest &request, CURLSH *share);

  std::uint64_t bytes_received() const noexcept override { return response_.bytes_received(); }
  std::optional<std::uint64_t> bytes_left() const noexcept override { return response_.bytes_left(); }

  CURL *easy() const noexcept { return easy_; }
  ExchangeEvents &events() const noexcept { return events_; }
  SocketHold &hold() noexcept { return hold_; }

  // Ends it from our side, whatever libcurl says; the first failure stays.
  void fail(Status status, const char *text) noexcept;
  bool has_failed() const noexcept { return failure_.has_value(); }
  // libcurl is done with it.
  void finish(CURLcode code) noexcept;
  bool is_finished() const noexcept { return is_finished_; }
  // Once, after finish and before the handle leaves its multi.
  ExchangeEnd conclude() noexcept;

  // The shard's own notes.
  Shard *shard = nullptr;
  std::size_t position = 0;
  bool is_added = false;

 private:
  struct Callbacks;

  bool set_options(const ExchangeRequest &request, CURLSH *share);
  bool set_callbacks();
  bool set_headers(const ExchangeRequest &request);
  bool set_url(const ExchangeRequest &request);

  void enter(Phase phase) noexcept;
  curl_socket_t open_socket(const curl_sockaddr &address);
  bool before_request(ConnectionName name);
  bool is_fit_for_first_use(Socket &socket) noexcept;
  ssl_st *tls_session() const noexcept;
  bool is_fit_for_reuse(Socket *socket) noexcept;
  bool refuse_second_connection() noexcept;
  bool refuse_connection(const char *text, bool is_stray) noexcept;
  bool take_header(std::string_view line);
  bool take_body(const void *bytes, std::size_t count);

  void explain(ExchangeEnd &end);
  void explain_wire(ExchangeEnd &end) const;

  const TransportParts &parts_;
  Sockets &sockets_;
  ExchangeEvents &events_;
  const EndpointRef endpoint_;
  CURL *easy_ = nullptr;
  curl_slist *headers_ = nullptr;
  curl_slist *connect_to_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};

  Response response_;
  PhaseClock phases_;
  SocketHold hold_;
  std::optional<Failure> failure_;
  CURLcode code_ = CURLE_OK;
  bool is_finished_ = false;
  bool is_securing_ = false;
  bool is_connected_ = false;
  bool is_reused_ = false;
  bool is_dropped_ = false;  // may_send said no
  bool may_rerun_ = false;
  bool is_guard_refused_ = false;
};

}  // namespace octo
