// The tables behind outcome_status.hpp.
#include "transport/outcome_status.hpp"

#include <cerrno>
#include <system_error>

#include "base/printable.hpp"

namespace octo {
namespace {

std::string error_text(int os_error) { return std::generic_category().message(os_error); }

// libcurl's own words may quote the origin.
std::string said(const WireEnd &end) {
  if (end.text.empty()) return ::curl_easy_strerror(end.code);
  return printable(end.text, 160);
}

Failure connect_failure(const WireEnd &end) {
  // An IPv6 address without a route is refused with the same error, and says nothing about ports.
  if (end.os_error == EADDRNOTAVAIL && !end.is_address_v6) {
    return {Status::local_resource,
            "no local port is left for a connection; lower connections.max or keep them longer"};
  }
  if (end.os_error != 0) return {Status::connect_failed, "no connection: " + error_text(end.os_error)};
  return {Status::connect_failed, "no connection: " + said(end)};
}

Failure timeout_failure(const WireEnd &end) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(end.connect_timeout).count();
  const char *what = end.is_securing ? "the TLS handshake did not end" : "no connection";
  return {Status::connect_failed, what + std::string(" within connect.timeout, ") + std::to_string(ms) + " ms"};
}

// A response that was cut short by an orderly end is truncated; a reset is a lost connection.
Failure receive_failure(const WireEnd &end) {
  if (end.os_error != 0) {
    const char *when = end.has_response_begun ? "within the response: " : "before the response: ";
    return {Status::connection_lost, std::string("the connection broke ") + when + error_text(end.os_error)};
  }
  // libcurl has one code for lost bytes and for chunks that are none; its words alone tell them apart.
  if (end.has_response_head && end.text.find("chunk") != std::string_view::npos) {
    return {Status::protocol_error, "the chunks of the body are malformed: " + said(end)};
  }
  if (end.has_response_head) return {Status::truncated, "the connection ended within the body: " + said(end)};
  return {Status::connection_lost, "the connection ended before the response: " + said(end)};
}

// libcurl before 8.6 reports a header line beyond its own limit of 100 KiB as a lack of memory.
Failure memory_failure(const WireEnd &end) {
  static const bool is_ambiguous = ::curl_version_info(CURLVERSION_NOW)->version_num < 0x080600;
  if (is_ambiguous && end.is_connected && !end.is_request_unsent && !end.has_response_head) {
    return {Status::protocol_error,
            "a header line of the response is longer than 100 KiB, or libcurl had no memory for it"};
  }
  return {Status::no_memory, "no memory for the exchange"};
}

Failure explain(const WireEnd &end) {
  switch (end.code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_INTERFACE_FAILED: return connect_failure(end);
    case CURLE_OPERATION_TIMEDOUT: return timeout_failure(end);
    case CURLE_OUT_OF_MEMORY: return memory_failure(end);
    case CURLE_PARTIAL_FILE: return {Status::truncated, "the connection ended within the body: " + said(end)};
    case CURLE_GOT_NOTHING: return {Status::connection_lost, "the connection ended without a response"};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {Status::tls_failed,
              "the certificate is not trusted: " + said(end) + "; trusted are the roots of " + std::string(end.roots)};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS: return {Status::tls_failed, "the TLS handshake failed: " + said(end)};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return receive_failure(end);
    case CURLE_URL_MALFORMAT: return {Status::invalid_key, "the target is no part of a URL: " + said(end)};
    default: break;
  }
  if (!end.is_connected) return {Status::internal, "libcurl refused the exchange: " + said(end)};
  return {Status::protocol_error, "the response is not the HTTP/1.1 that was asked for: " + said(end)};
}

}  // namespace

Status status_of_http(std::uint32_t http_status, bool has_range) noexcept {
  switch (http_status) {
    case 304: return Status::not_modified;
    case 401:
    case 403: return Status::forbidden;
    case 404:
    case 410: return Status::not_found;
    case 416: return has_range ? Status::range_not_satisfiable : Status::client_error;
    case 429:
    case 503: return Status::throttled;
    default: break;
  }
  if (http_status >= 200 && http_status < 300) return Status::ok;
  if (http_status >= 300 && http_status < 400) return Status::redirected;
  if (http_status >= 400 && http_status < 500) return Status::client_error;
  return http_status >= 500 && http_status < 600 ? Status::server_error : Status::protocol_error;
}

WireFailure explain_wire_end(const WireEnd &end) {
  const bool has_died = end.code == CURLE_SEND_ERROR || end.code == CURLE_RECV_ERROR || end.code == CURLE_GOT_NOTHING;
  return {explain(end), end.is_reused && !end.has_response_begun && has_died};
}

Failure explain_socket_error(int os_error) {
  switch (os_error) {
    case EMFILE:
      return {Status::local_resource,
              "the process has no descriptor left; raise RLIMIT_NOFILE or lower connections.max"};
    case ENFILE: return {Status::local_resource, "the system has no descriptor left; raise fs.file-max"};
    case ENOMEM:
    case ENOBUFS: return {Status::local_resource, "the system has no memory for a socket"};
    default: return {Status::connect_failed, "no socket: " + error_text(os_error)};
  }
}

}  // namespace octo
