// What libcurl is told about an exchange, for transfer.hpp: every option that its defaults would decide otherwise.
#include <algorithm>
#include <chrono>
#include <string>

#include "base/assert.hpp"
#include "transport/curl_library.hpp"
#include "transport/transfer.hpp"

namespace octo {
namespace {

constexpr long kConnectionLifetimeSecondsMax = 300;

bool add_line(curl_slist *&list, const std::string &line) {
  curl_slist *longer = ::curl_slist_append(list, line.c_str());
  if (longer == nullptr) return false;
  list = longer;
  return true;
}

// libcurl takes "Name:" for a wish to remove a header of its own, and "Name;" for an empty one.
bool add_header(curl_slist *&list, std::string_view line) {
  OCTO_ASSERT(line.find_first_of("\r\n") == std::string_view::npos);
  const std::size_t colon = line.find(':');
  const bool is_empty =
      colon != std::string_view::npos && line.find_first_not_of(" \t", colon + 1) == std::string_view::npos;
  return add_line(list, is_empty ? std::string(line.substr(0, colon)) + ";" : std::string(line));
}

std::string bracketed(const std::string &address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

long seconds_up(Duration span) noexcept {
  return std::max<long>(1, static_cast<long>(std::chrono::ceil<std::chrono::seconds>(span).count()));
}

long milliseconds_up(Duration span) noexcept {
  return std::max<long>(1, static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(span).count()));
}

// Invariant: whatever a key contains, what libcurl parses names the configured host.
[[maybe_unused]] bool names_host(const std::string &url, const TransportConfig &config) {
  CURLU *parsed = ::curl_url();
  char *host = nullptr;
  char *port = nullptr;
  const bool is_parsed = ::curl_url_set(parsed, CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK &&
                         ::curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                         ::curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
  const bool is_same = is_parsed && bracketed(config.host) == host && std::to_string(config.port) == port;
  ::curl_free(host);
  ::curl_free(port);
  ::curl_url_cleanup(parsed);
  return !is_parsed || is_same;
}

}  // namespace

bool Transfer::prepare(const ExchangeRequest &request, CURLSH *share) {
  easy_ = ::curl_easy_init();
  if (easy_ == nullptr) return false;
  return set_callbacks() && set_options(request, share) && set_headers(request) && set_url(request);
}

bool Transfer::set_options(const ExchangeRequest &request, CURLSH *share) {
  bool is_set = true;
  const auto set = [&](CURLoption option, auto value) {
    if (::curl_easy_setopt(easy_, option, value) != CURLE_OK) is_set = false;
  };
  const TransportConfig &config = parts_.config;
  // A guest in somebody's process: no signals, no environment, no files.
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_QUICK_EXIT, 1L);
  // One request, one response, of the origin alone.
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(request.head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L);
  // TLS: the trust store comes with the SSL context, and libcurl must not read the system's bundle beside it.
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAINFO, static_cast<char *>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char *>(nullptr));
  set(CURLOPT_SHARE, share);
  // Connections. No CURLOPT_TIMEOUT: the scheduler knows the deadlines and cancels.
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds_up(config.connect_timeout));
  set(CURLOPT_MAXAGE_CONN, seconds_up(config.idle_max));
  set(CURLOPT_MAXLIFETIME_CONN, kConnectionLifetimeSecondsMax);
  set(CURLOPT_FRESH_CONNECT, request.fresh_connection ? 1L : 0L);
  set(CURLOPT_BUFFERSIZE, transfer_buffer_bytes());
  return is_set;
}

bool Transfer::set_headers(const ExchangeRequest &request) {
  for (const std::string &line : parts_.config.headers) {
    if (!add_header(headers_, line)) return false;
  }
  for (const std::vector<std::string> *lines : {request.headers, request.signature}) {
    if (lines == nullptr) continue;
    for (const std::string &line : *lines) {
      if (!add_header(headers_, line)) return false;
    }
  }
  if (request.range && !add_header(headers_, "Range: " + range_text(*request.range))) return false;
  if (!request.if_none_match.empty()) {
    if (!add_header(headers_, "If-None-Match: " + std::string(request.if_none_match))) return false;
  }
  if (::curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_) != CURLE_OK) return false;
  return ::curl_easy_setopt(easy_, CURLOPT_USERAGENT, parts_.config.user_agent.c_str()) == CURLE_OK;
}

// The URL names the host, for SNI, certificate and Host header; CONNECT_TO the address, so that libcurl looks up
// nothing and keeps a pool for each address. Empty host and port match whatever the URL says.
bool Transfer::set_url(const ExchangeRequest &request) {
  const std::string url = parts_.config.url_authority + std::string(request.target);
  OCTO_ASSERT(names_host(url, parts_.config));
  const bool is_path =
      !request.target.empty() && request.target.front() == '/' && request.target.find('#') == std::string_view::npos;
  OCTO_ASSERT(is_path);
  if (!is_path) fail(Status::internal, "the target is no path");
  return add_line(connect_to_, "::" + endpoint_->text) &&
         ::curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_) == CURLE_OK &&
         ::curl_easy_setopt(easy_, CURLOPT_URL, url.c_str()) == CURLE_OK;
}

}  // namespace octo
