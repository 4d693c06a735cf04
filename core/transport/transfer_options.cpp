// What libcurl is told about one exchange, for transfer.hpp; what it is told about all is in easy_handle.cpp.
#include <string>

#include "base/assert.hpp"
#include "transport/transfer.hpp"

namespace octo {
namespace {

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

bool Transfer::prepare(const ExchangeRequest &request) {
  handle_->user = this;
  return handle_->set(request.head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L) &&
         handle_->set(CURLOPT_FRESH_CONNECT, request.fresh_connection ? 1L : 0L) && handle_->set_endpoint(endpoint_) &&
         set_headers(request) && set_url(request);
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
  return handle_->set(CURLOPT_HTTPHEADER, headers_);
}

// The URL names the host, for SNI, certificate and Host header.
bool Transfer::set_url(const ExchangeRequest &request) {
  const std::string url = parts_.config.url_authority + std::string(request.target);
  OCTO_ASSERT(names_host(url, parts_.config));
  const bool is_path =
      !request.target.empty() && request.target.front() == '/' && request.target.find('#') == std::string_view::npos;
  OCTO_ASSERT(is_path);
  if (!is_path) fail(Status::internal, "the target is no path");
  return handle_->set(CURLOPT_URL, url.c_str());
}

}  // namespace octo
