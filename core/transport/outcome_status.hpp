// How the end of an exchange is called: from the HTTP status, or from what libcurl and the system report.
//
// It decides nothing about retries but whether running the exchange again is free of side effects and was caused by the
// age of a connection.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace octo {

// Of a complete response: 404 is not_found, 503 is throttled. `has_range` says whether a range was asked for.
Status status_of_http(std::uint32_t http_status, bool has_range) noexcept;

// What is known of an exchange that libcurl ended without a complete response.
struct WireEnd {
  CURLcode code = CURLE_OK;
  int os_error = 0;        // of the last failed system call on the socket; 0 for none
  std::string_view text;   // libcurl's own words
  std::string_view roots;  // which ones are trusted, as TrustStore::source says
  bool is_secure = false;
  bool is_securing = false;        // TCP stood, TLS did not
  bool is_connected = false;       // the request was or could be written
  bool is_request_unsent = false;  // nothing of it was written, so nothing can have answered it
  bool is_reused = false;
  bool has_response_begun = false;
  bool has_response_head = false;
  bool is_address_v6 = false;
  Duration connect_timeout{};
};

struct WireFailure {
  Failure failure;  // the text does not name the address yet
  bool may_rerun = false;
};

WireFailure explain_wire_end(const WireEnd &end);

// For a socket that could not even be made: EMFILE, ENOBUFS, EAFNOSUPPORT.
Failure explain_socket_error(int os_error);

}  // namespace octo
