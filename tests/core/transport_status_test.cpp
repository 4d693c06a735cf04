// How ends are called, and which libcurl is accepted.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "transport/curl_library.hpp"
#include "transport/outcome_status.hpp"

namespace octo {
namespace {

TEST(TransportStatus, http_statuses_have_the_names_of_the_header) {
  EXPECT_EQ(status_of_http(200, false), Status::ok);
  EXPECT_EQ(status_of_http(304, false), Status::not_modified);
  EXPECT_EQ(status_of_http(301, false), Status::redirected);
  EXPECT_EQ(status_of_http(400, false), Status::client_error);
  EXPECT_EQ(status_of_http(401, false), Status::forbidden);
  EXPECT_EQ(status_of_http(403, false), Status::forbidden);
  EXPECT_EQ(status_of_http(404, false), Status::not_found);
  EXPECT_EQ(status_of_http(410, false), Status::not_found);
  EXPECT_EQ(status_of_http(416, true), Status::range_not_satisfiable);
  EXPECT_EQ(status_of_http(416, false), Status::client_error);
  EXPECT_EQ(status_of_http(429, false), Status::throttled);
  EXPECT_EQ(status_of_http(503, false), Status::throttled);
  EXPECT_EQ(status_of_http(500, false), Status::server_error);
}

WireEnd wire(CURLcode code, int os_error = 0) {
  WireEnd end;
  end.code = code;
  end.os_error = os_error;
  return end;
}

TEST(TransportStatus, exhausted_ports_and_descriptors_are_local) {
  EXPECT_EQ(explain_wire_end(wire(CURLE_COULDNT_CONNECT, EADDRNOTAVAIL)).failure.status, Status::local_resource);
  EXPECT_EQ(explain_wire_end(wire(CURLE_COULDNT_CONNECT, ECONNREFUSED)).failure.status, Status::connect_failed);
  WireEnd v6 = wire(CURLE_COULDNT_CONNECT, EADDRNOTAVAIL);
  v6.is_address_v6 = true;
  EXPECT_EQ(explain_wire_end(v6).failure.status, Status::connect_failed);
  EXPECT_EQ(explain_socket_error(EMFILE).status, Status::local_resource);
  EXPECT_EQ(explain_socket_error(ENFILE).status, Status::local_resource);
  EXPECT_EQ(explain_socket_error(EAFNOSUPPORT).status, Status::connect_failed);
}

TEST(TransportStatus, only_a_reused_connection_without_a_response_may_run_again) {
  for (const CURLcode code : {CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING}) {
    WireEnd end = wire(code, ECONNRESET);
    end.is_connected = true;
    EXPECT_FALSE(explain_wire_end(end).may_rerun);
    end.is_reused = true;
    EXPECT_TRUE(explain_wire_end(end).may_rerun);
    EXPECT_EQ(explain_wire_end(end).failure.status, Status::connection_lost);
    end.has_response_begun = true;
    EXPECT_FALSE(explain_wire_end(end).may_rerun);
  }
  WireEnd timeout = wire(CURLE_OPERATION_TIMEDOUT);
  timeout.is_reused = true;
  EXPECT_FALSE(explain_wire_end(timeout).may_rerun);
}

TEST(TransportStatus, a_header_beyond_libcurls_limit_is_not_a_lack_of_memory) {
  if (curl_version_info(CURLVERSION_NOW)->version_num >= 0x080600) GTEST_SKIP() << "libcurl tells them apart";
  WireEnd end = wire(CURLE_OUT_OF_MEMORY);
  EXPECT_EQ(explain_wire_end(end).failure.status, Status::no_memory);
  end.is_connected = true;
  EXPECT_EQ(explain_wire_end(end).failure.status, Status::protocol_error);
  end.is_request_unsent = true;
  EXPECT_EQ(explain_wire_end(end).failure.status, Status::no_memory);
}

TEST(TransportStatus, words_of_the_origin_are_escaped) {
  WireEnd end = wire(CURLE_WEIRD_SERVER_REPLY);
  end.is_connected = true;
  end.text = "odd \x1b[1m";
  EXPECT_NE(explain_wire_end(end).failure.text.find("odd \\x1b[1m"), std::string::npos);
}

TEST(TransportLibrary, the_libcurl_of_the_tests_is_fit) { EXPECT_TRUE(check_libcurl().is_ok()); }

TEST(TransportStatus, an_untrusted_certificate_names_the_roots) {
  WireEnd end = wire(CURLE_PEER_FAILED_VERIFICATION);
  end.text = "SSL certificate problem: unable to get local issuer certificate";
  end.roots = "tls.ca_file '/etc/roots.pem'";
  const Failure failure = explain_wire_end(end).failure;
  EXPECT_EQ(failure.status, Status::tls_failed);
  EXPECT_TRUE(failure.text.ends_with("issuer certificate; trusted are the roots of tls.ca_file '/etc/roots.pem'"));
}

}  // namespace
}  // namespace octo
