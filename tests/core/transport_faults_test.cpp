// What faults of an origin become, on real sockets: each is told for what it is, costs only itself, and the next
// exchange is served.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/origin_process.hpp"
#include "transport_client.hpp"

namespace octo {
namespace {

using octo_test::OriginProcess;
using octo_test::pattern_body;

std::string script_of(const std::string &fault) {
  return R"({"default": {"size": 1000}, "paths": {"/fault": {"size": 1000, "fault": )" + fault +
         R"(}, "/chunks": {"size": 1000, "framing": "chunked", "chunk_bytes": 100, "fault": )" + fault + "}}}";
}

struct FaultCase {
  const char *name;
  const char *fault;
  std::vector<Status> allowed;
  const char *target = "/fault";
};

const std::vector<FaultCase> &fault_cases() {
  static const std::vector<FaultCase> cases = {
      {"reset_before_the_head", R"({"type": "reset", "at": "request"})", {Status::connection_lost}},
      {"reset_in_the_head", R"({"type": "reset", "at": "headers"})", {Status::connection_lost}},
      {"reset_in_the_body", R"({"type": "reset", "at": "body"})", {Status::connection_lost}},
      {"close_before_the_head", R"({"type": "close", "at": "request"})", {Status::connection_lost}},
      {"close_in_the_body", R"({"type": "close", "at": "body"})", {Status::truncated}},
      {"close_notify_in_the_body", R"({"type": "close", "at": "body", "close_notify": true})", {Status::truncated}},
      {"half_close_in_the_body", R"({"type": "half_close", "at": "body"})", {Status::truncated}},
      {"half_close_at_the_end", R"({"type": "half_close"})", {Status::ok}},
      {"drip", R"({"type": "drip", "bytes": 100, "every_ms": 1})", {Status::ok}},
      {"length_short", R"({"type": "length_short"})", {Status::ok}},
      {"length_long", R"({"type": "length_long"})", {Status::truncated}},
      {"length_duplicate", R"({"type": "length_duplicate"})", {Status::ok}},
      {"length_conflict", R"({"type": "length_conflict"})", {Status::protocol_error}},
      {"length_negative", R"({"type": "length_negative"})", {Status::protocol_error}},
      {"length_overflow", R"({"type": "length_overflow"})", {Status::protocol_error}},
      {"length_huge", R"({"type": "length_huge"})", {Status::too_large}},
      {"length_and_chunked", R"({"type": "length_and_chunked"})", {Status::protocol_error}, "/chunks"},
      {"chunk_bad_size", R"({"type": "chunk_bad_size"})", {Status::protocol_error}, "/chunks"},
      {"chunk_truncated", R"({"type": "chunk_truncated"})", {Status::truncated}, "/chunks"},
      {"chunk_truncated_notified",
       R"({"type": "chunk_truncated", "close_notify": true})",
       {Status::truncated},
       "/chunks"},
      {"chunk_junk_trailer", R"({"type": "chunk_junk_trailer"})", {Status::protocol_error, Status::ok}, "/chunks"},
      {"chunk_endless", R"({"type": "chunk_endless"})", {Status::too_large}, "/chunks"},
      {"header_line_huge", R"({"type": "header_line_huge"})", {Status::protocol_error}},
      {"header_count_huge", R"({"type": "header_count_huge"})", {Status::protocol_error}},
      {"garbage", R"({"type": "garbage"})", {Status::protocol_error}},
      {"banner", R"({"type": "banner"})", {Status::protocol_error}},
      {"http09", R"({"type": "http09"})", {Status::protocol_error}},
      {"informational", R"({"type": "informational"})", {Status::ok}},
      {"informational_flood", R"({"type": "informational_flood"})", {Status::protocol_error}},
      {"tls_key_update", R"({"type": "tls_key_update"})", {Status::ok}},
      {"tls_tickets", R"({"type": "tls_tickets", "count": 50})", {Status::ok}},
  };
  return cases;
}

class TransportFaults : public testing::TestWithParam<std::tuple<const char *, FaultCase>> {};

INSTANTIATE_TEST_SUITE_P(, TransportFaults,
                         testing::Combine(testing::Values("http", "https"), testing::ValuesIn(fault_cases())),
                         [](const auto &one) {
                           return std::string(std::get<1>(one.param).name) + "_" + std::get<0>(one.param);
                         });

TEST_P(TransportFaults, become_a_status_and_cost_only_themselves) {
  const auto &[scheme, fault] = GetParam();
  OriginProcess origin(script_of(fault.fault));
  TransportConfig config;
  config.object_size_max = 1 << 20;
  TestClient client(origin.url(scheme), origin.ca_file(), config);
  // Once on a fresh connection, once on a reused one, with a neighbour in flight.
  for (int round = 0; round < 2; ++round) {
    ExchangeRequest request = client.request("/neighbour");
    const auto neighbour = client.start(request);
    const auto watched = client.fetch_with_rerun(fault.target);
    const Status status = watched->end->status;
    EXPECT_NE(std::find(fault.allowed.begin(), fault.allowed.end(), status), fault.allowed.end())
        << static_cast<int>(status) << " " << watched->end->message;
    EXPECT_EQ(watched->end->message.empty(), status == Status::ok);
    if (status != Status::ok) {
      EXPECT_TRUE(watched->end->message.starts_with(client.endpoint->text)) << watched->end->message;
      EXPECT_EQ(watched->end->body.size(), 0u);
    } else if (std::string(fault.name) != "length_short") {
      EXPECT_TRUE(watched->body() == pattern_body(std::string(fault.target).substr(1), 1000));
    }
    ASSERT_TRUE(client.until([&] { return neighbour->end.has_value(); }));
    EXPECT_TRUE(neighbour->body() == pattern_body("neighbour", 1000)) << neighbour->end->message;
    client.ledger().discharge(neighbour->end->body.size());
    for (int i = 0; i < 3; ++i) {
      const std::string key = "after" + std::to_string(i);
      const auto after = client.fetch_with_rerun("/" + key);
      EXPECT_TRUE(after->body() == pattern_body(key, 1000)) << after->end->message;
    }
  }
}

struct RangeFault {
  const char *name;
  const char *fault;
};
class TransportRangeFaults : public testing::TestWithParam<RangeFault> {};

INSTANTIATE_TEST_SUITE_P(, TransportRangeFaults,
                         testing::Values(RangeFault{"wrong", R"({"type": "range_wrong"})"},
                                         RangeFault{"missing", R"({"type": "range_missing"})"},
                                         RangeFault{"ignored", R"({"type": "range_ignored"})"},
                                         RangeFault{"short", R"({"type": "range_short"})"},
                                         RangeFault{"multipart", R"({"type": "multipart_ranges"})"}),
                         [](const auto &one) { return std::string(one.param.name); });

TEST_P(TransportRangeFaults, never_misplace_bytes) {
  OriginProcess origin(script_of(GetParam().fault));
  TestClient client(origin.url());
  ExchangeRequest request = client.request("/fault");
  request.range = ByteRange{ByteRange::Kind::closed, 100, 199};
  const auto watched = client.fetch(request);
  EXPECT_EQ(watched->end->status, Status::protocol_error) << watched->end->message;
  EXPECT_EQ(client.transport().connections_open(), 0u);
  EXPECT_TRUE(client.fetch("/after")->body() == pattern_body("after", 1000));
}

struct ListenerCase {
  const char *listener;
  Status status;
};
class TransportListeners : public testing::TestWithParam<ListenerCase> {};

INSTANTIATE_TEST_SUITE_P(, TransportListeners,
                         testing::Values(ListenerCase{"https_expired", Status::tls_failed},
                                         ListenerCase{"https_self_signed", Status::tls_failed},
                                         ListenerCase{"https_wrong_host", Status::tls_failed},
                                         ListenerCase{"tls_eof", Status::tls_failed},
                                         ListenerCase{"tls_alert", Status::tls_failed},
                                         ListenerCase{"tls_stall", Status::connect_failed},
                                         ListenerCase{"refused", Status::connect_failed},
                                         ListenerCase{"black_hole", Status::connect_failed}),
                         [](const auto &one) { return std::string(one.param.listener); });

TEST_P(TransportListeners, fail_before_a_request_is_sent) {
  OriginProcess origin("{}");
  TransportConfig config;
  config.connect_timeout = 300ms;
  const std::string url = "https://localhost:" + std::to_string(origin.port(GetParam().listener));
  TestClient client(url, origin.ca_file(), config);
  const auto watched = client.fetch("/a");
  EXPECT_EQ(watched->end->status, GetParam().status) << watched->end->message;
  EXPECT_FALSE(watched->end->connected);
  EXPECT_FALSE(watched->end->may_rerun);
  EXPECT_EQ(watched->asked, 0);
  EXPECT_EQ(client.transport().connections_open(), 0u);
  EXPECT_EQ(origin.counter("requests.total"), 0u);
}

TEST(TransportTimeouts, silence_is_left_to_the_scheduler) {
  OriginProcess origin("{}");
  TestClient client("http://127.0.0.1:" + std::to_string(origin.port("silent")));
  const auto watched = client.start("/a");
  ASSERT_TRUE(client.until([&] { return watched->asked == 1; }));
  EXPECT_EQ(watched->phases.back(), Phase::waiting);
  client.transport().cancel(watched->exchange);
}

TEST(TransportFlapping, a_refused_origin_is_served_again_when_it_returns) {
  OriginProcess origin(R"({"default": {"size": 1000}})");
  TestClient client(origin.url());
  EXPECT_EQ(client.fetch("/a")->end->status, Status::ok);
  origin.control("POST", "/close?name=http");
  origin.control("POST", "/drop");
  EXPECT_EQ(client.fetch_with_rerun("/b")->end->status, Status::connect_failed);
  origin.control("POST", "/open?name=http");
  EXPECT_EQ(client.fetch_with_rerun("/c")->end->status, Status::ok);
}

TEST(TransportAddresses, each_endpoint_has_connections_of_its_own) {
  OriginProcess origin(R"({"default": {"size": 100}})", "127.0.0.1,127.0.0.2");
  TestClient client(origin.url());
  const EndpointRef other = client.make_endpoint("127.0.0.2");
  for (int i = 0; i < 4; ++i) {
    ExchangeRequest request = client.request("/a");
    if (i % 2 == 1) request.endpoint = other;
    const auto watched = client.fetch(request);
    EXPECT_EQ(watched->end->status, Status::ok) << watched->end->message;
    EXPECT_EQ(watched->end->reused, i >= 2);
  }
  EXPECT_EQ(origin.counter("connections.accepted_at.127.0.0.1"), 1u);
  EXPECT_EQ(origin.counter("connections.accepted_at.127.0.0.2"), 1u);
  EXPECT_EQ(other->connections_idle(), 1u);
  client.close();
  EXPECT_EQ(other->connections_open, 0u);
}

}  // namespace
}  // namespace octo
