// Exchanges over real sockets on the loopback: bodies, phases, reuse, cancelling and closing, plain and over TLS.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/origin_process.hpp"
#include "transport_client.hpp"

namespace octo {
namespace {

using octo_test::OriginProcess;
using octo_test::pattern_body;

std::size_t descriptor_count() {
  std::size_t count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (folder != nullptr && readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

constexpr const char *kScript = R"({
  "default": {"size": 1000},
  "paths": {
    "/large": {"size": 3000000},
    "/chunked": {"size": 20000, "framing": "chunked"},
    "/unframed": {"size": 500, "framing": "close"},
    "/empty": {"size": 0},
    "/close": {"size": 10, "connection_close": true},
    "/slow": {"size": 10, "delay_ms": 30000},
    "/stall": {"size": 100000, "fault": {"type": "stall_in_body", "after_bytes": 50000}},
    "/missing": {"status": 404, "headers": [["Content-Type", "application/xml"], ["x-amz-request-id", "R1"]],
                 "body": "<Error><Code>NoSuchKey</Code></Error>"},
    "/busy": {"status": 503, "headers": [["Retry-After", "3"]], "size": 100000},
    "/etag": {"size": 10, "etag": "\"e1\""}
  }
})";

class TransportExchange : public testing::TestWithParam<const char *> {
 protected:
  TransportExchange() : origin(kScript) {}
  OriginProcess origin;
  TestClient client{origin.url(GetParam()), origin.ca_file()};
};

INSTANTIATE_TEST_SUITE_P(, TransportExchange, testing::Values("http", "https"),
                         [](const auto &scheme) { return std::string(scheme.param); });

TEST_P(TransportExchange, brings_the_right_body_and_says_in_which_phases) {
  const auto watched = client.fetch("/a");
  EXPECT_EQ(watched->end->status, Status::ok) << watched->end->message;
  EXPECT_TRUE(watched->body() == pattern_body("a", 1000));
  EXPECT_EQ(watched->end->http_status, 200u);
  EXPECT_TRUE(watched->end->connected);
  EXPECT_TRUE(watched->end->opened_connection);
  EXPECT_FALSE(watched->end->reused);
  EXPECT_EQ(kept(*watched->end, "content-length"), "1000");
  EXPECT_EQ(watched->asked, 1);
  EXPECT_GT(watched->end->durations.waiting.count(), 0);
  std::vector<Phase> phases = {Phase::connecting, Phase::waiting, Phase::receiving};
  if (client.config.secure) phases.insert(phases.begin() + 1, Phase::securing);
  EXPECT_EQ(watched->phases, phases);
  EXPECT_EQ(watched->end->durations.securing.count() > 0, client.config.secure);
}

TEST_P(TransportExchange, reuses_a_connection_and_then_only_waits_and_receives) {
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    const auto watched = client.fetch("/" + key);
    ASSERT_EQ(watched->end->status, Status::ok) << watched->end->message;
    EXPECT_TRUE(watched->body() == pattern_body(key, 1000));
    EXPECT_EQ(watched->end->reused, i > 0);
    if (i > 0) {
      EXPECT_EQ(watched->phases, (std::vector<Phase>{Phase::waiting, Phase::receiving}));
    }
    EXPECT_EQ(client.transport().connections_open(), 1u);
    EXPECT_EQ(client.transport().connections_idle(), 1u);
    EXPECT_EQ(client.endpoint->connections_idle(), 1u);
  }
  EXPECT_EQ(origin.counter("connections.accepted"), 1u);
  EXPECT_EQ(client.counters.connections_opened.value(), 1u);
  EXPECT_EQ(client.counters.connections_refused_by_guard.value(), 0u);
}

TEST_P(TransportExchange, opens_a_fresh_connection_when_asked) {
  client.fetch("/a");
  ExchangeRequest request = client.request("/b");
  request.fresh_connection = true;
  EXPECT_TRUE(client.fetch(request)->end->opened_connection);
  EXPECT_EQ(client.transport().connections_open(), 2u);
}

TEST_P(TransportExchange, reads_every_framing_that_delimits_a_body) {
  EXPECT_TRUE(client.fetch("/large")->body() == pattern_body("large", 3000000));
  EXPECT_TRUE(client.fetch("/chunked")->body() == pattern_body("chunked", 20000));
  EXPECT_EQ(client.fetch("/empty")->end->status, Status::ok);
  EXPECT_TRUE(client.fetch("/close")->body() == pattern_body("close", 10));
  EXPECT_EQ(client.transport().connections_open(), 0u);
  EXPECT_EQ(client.fetch("/unframed")->end->status, Status::protocol_error);
}

TEST_P(TransportExchange, gives_an_idle_connection_to_one_exchange_only) {
  client.fetch("/a");
  const auto first = client.start("/slow");
  EXPECT_EQ(client.endpoint->connections_idle(), 0u);
  const auto second = client.start("/slow");
  ASSERT_TRUE(client.until([&] { return first->asked == 1 && second->asked == 1; }));
  EXPECT_EQ(client.transport().connections_open(), 2u);
  EXPECT_EQ(client.endpoint->connections_busy, 2u);
  client.transport().cancel(first->exchange);
  EXPECT_EQ(client.endpoint->connections_open, 1u);
  EXPECT_EQ(client.endpoint->connections_busy, 1u);
  client.transport().cancel(second->exchange);
}

// A quick answer ends the first exchange inside the call of libcurl that starts the second.
TEST_P(TransportExchange, hands_a_connection_on_within_one_turn) {
  for (int round = 0; round < 100; ++round) {
    const auto first = client.start("/a");
    const auto second = client.start("/b");
    ASSERT_TRUE(client.until([&] { return first->end && second->end; }));
    ASSERT_EQ(first->end->status, Status::ok) << first->end->message;
    ASSERT_EQ(second->end->status, Status::ok) << second->end->message;
    client.ledger().discharge(2000);
    ASSERT_EQ(client.transport().connections_idle(), client.transport().connections_open());
  }
}

TEST_P(TransportExchange, runs_many_exchanges_at_once_over_several_shards) {
  client.close();
  TransportConfig config;
  config.connections_max = 150;
  TestClient many(origin.url(GetParam()), origin.ca_file(), config);
  std::vector<std::unique_ptr<Watched>> exchanges;
  for (int i = 0; i < 150; ++i) exchanges.push_back(many.start("/k" + std::to_string(i)));
  ASSERT_TRUE(many.until([&] {
    return std::all_of(exchanges.begin(), exchanges.end(), [](const auto &one) { return one->end.has_value(); });
  }));
  for (int i = 0; i < 150; ++i) {
    EXPECT_TRUE(exchanges[i]->body() == pattern_body("k" + std::to_string(i), 1000)) << exchanges[i]->end->message;
  }
  EXPECT_EQ(many.transport().connections_idle(), 150u);
  many.ledger().discharge(150000);
  for (int i = 0; i < 150; ++i) EXPECT_TRUE(many.fetch("/again")->end->reused);
}

// As a warm-up does whose exchanges are quick: what is idle already fills a shard as well.
TEST_P(TransportExchange, keeps_all_connections_that_are_opened_one_after_the_other) {
  client.close();
  TransportConfig config;
  config.connections_max = 150;
  TestClient many(origin.url(GetParam()), origin.ca_file(), config);
  ExchangeRequest request = many.request("/k");
  request.fresh_connection = true;
  for (int i = 0; i < 150; ++i) ASSERT_EQ(many.fetch(request)->end->status, Status::ok);
  EXPECT_EQ(many.transport().connections_idle(), 150u);
}

TEST_P(TransportExchange, names_the_status_and_the_code_of_the_origin) {
  const auto missing = client.fetch("/missing");
  EXPECT_EQ(missing->end->status, Status::not_found);
  EXPECT_EQ(missing->end->error_code, "NoSuchKey");
  EXPECT_EQ(missing->end->request_id, "R1");
  EXPECT_EQ(missing->end->message, client.endpoint->text + ": the origin answers 404 NoSuchKey");
  EXPECT_EQ(client.transport().connections_idle(), 1u);
  const auto busy = client.fetch("/busy");
  EXPECT_EQ(busy->end->status, Status::throttled);
  EXPECT_EQ(kept(*busy->end, "retry-after"), "3");
  EXPECT_EQ(busy->end->body.size(), 0u);
  EXPECT_EQ(client.transport().connections_open(), 0u) << "a long error body costs its connection";
}

TEST_P(TransportExchange, sends_validators_and_ranges) {
  ExchangeRequest request = client.request("/etag");
  request.if_none_match = "\"e1\"";
  EXPECT_EQ(client.fetch(request)->end->status, Status::not_modified);
  request = client.request("/a");
  request.range = ByteRange{ByteRange::Kind::closed, 10, 19};
  const auto part = client.fetch(request);
  EXPECT_TRUE(part->body() == pattern_body("a", 1000).substr(10, 10));
  EXPECT_TRUE(part->end->partial);
  EXPECT_EQ(part->end->object_size, 1000u);
  request.range = ByteRange{ByteRange::Kind::suffix, 0, 30};
  EXPECT_TRUE(client.fetch(request)->body() == pattern_body("a", 1000).substr(970));
  request.range = ByteRange{ByteRange::Kind::from, 2000, 0};
  EXPECT_EQ(client.fetch(request)->end->status, Status::range_not_satisfiable);
}

TEST_P(TransportExchange, cancels_in_every_phase_without_a_word) {
  for (const char *target : {"/slow", "/stall", "/large", "/a"}) {
    for (int turns = 0; turns < 8; ++turns) {
      auto watched = client.start(target);
      for (int i = 0; i < turns && !watched->end; ++i) client.turn();
      if (watched->end) {
        client.ledger().discharge(watched->end->body.size());
        continue;
      }
      client.transport().cancel(watched->exchange);
      client.turn();
      EXPECT_EQ(watched->ends, 0);
      EXPECT_EQ(client.ledger().active(), 0u);
    }
  }
  EXPECT_EQ(client.endpoint->connections_busy, 0u);
  EXPECT_TRUE(client.fetch("/after")->body() == pattern_body("after", 1000));
}

TEST_P(TransportExchange, knows_how_much_of_a_body_is_left) {
  auto watched = client.start("/stall");
  EXPECT_FALSE(watched->exchange->bytes_left().has_value());
  ASSERT_TRUE(client.until([&] { return watched->exchange->bytes_received() == 50000; }));
  EXPECT_EQ(watched->exchange->bytes_left(), 50000u);
  EXPECT_EQ(client.ledger().active(), 50000u);
  client.transport().cancel(watched->exchange);
}

TEST_P(TransportExchange, may_start_and_cancel_others_from_an_end) {
  auto other = client.start("/slow");
  auto first = client.start("/a");
  std::unique_ptr<Watched> next;
  first->then = [&] {
    client.transport().cancel(other->exchange);
    next = client.start("/b");
  };
  ASSERT_TRUE(client.until([&] { return next != nullptr && next->end.has_value(); }));
  EXPECT_TRUE(next->body() == pattern_body("b", 1000));
  EXPECT_EQ(other->ends, 0);
  client.ledger().discharge(2000);
}

TEST_P(TransportExchange, cancels_what_has_finished_but_was_not_told) {
  client.fetch("/a");
  auto first = client.start("/b");
  auto second = client.start("/c");
  Watched *loser = nullptr;
  const auto drop = [&](Watched &other) {
    if (loser != nullptr || other.end) return;
    loser = &other;
    client.transport().cancel(other.exchange);
  };
  first->then = [&] { drop(*second); };
  second->then = [&] { drop(*first); };
  ASSERT_TRUE(client.until([&] { return first->end || second->end; }));
  client.turn();
  EXPECT_EQ(loser->ends, 0);
  client.ledger().discharge(1000);
  EXPECT_EQ(client.fetch("/d")->end->status, Status::ok);
}

TEST_P(TransportExchange, drops_an_exchange_that_may_not_be_sent) {
  auto watched = client.start("/a");
  watched->allowed = false;
  ASSERT_TRUE(client.until([&] { return watched->end.has_value(); }));
  EXPECT_EQ(watched->end->status, Status::cancelled);
  EXPECT_EQ(origin.counter("requests.total"), 0u);
  EXPECT_EQ(client.transport().connections_open(), 0u);
}

TEST_P(TransportExchange, leaves_no_descriptor_when_closed_with_exchanges_in_flight) {
  client.close();
  const std::size_t before = descriptor_count();
  {
    TestClient busy(origin.url(GetParam()), origin.ca_file());
    std::vector<std::unique_ptr<Watched>> exchanges;
    for (int i = 0; i < 30; ++i) exchanges.push_back(busy.start(i % 2 == 0 ? "/slow" : "/stall"));
    busy.fetch("/a");
    busy.close();
    for (const auto &one : exchanges) EXPECT_EQ(one->ends, 0);
  }
  EXPECT_EQ(descriptor_count(), before);
}

TEST_P(TransportExchange, closes_idle_connections_when_asked) {
  client.fetch("/a");
  client.transport().close_idle();
  EXPECT_EQ(client.transport().connections_open(), 0u);
  EXPECT_TRUE(client.fetch("/b")->end->opened_connection);
  auto busy = client.start("/slow");
  ASSERT_TRUE(client.until([&] { return busy->asked == 1; }));
  EXPECT_EQ(client.fetch("/c")->end->status, Status::ok);
  client.transport().close_idle();
  EXPECT_TRUE(client.fetch("/d")->body() == pattern_body("d", 1000));
  EXPECT_EQ(client.counters.connections_refused_by_guard.value(), 0u);
  client.transport().cancel(busy->exchange);
}

TEST_P(TransportExchange, reports_a_lack_of_descriptors_and_recovers) {
  client.fetch("/a");
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit tight = before;
  tight.rlim_cur = 3;
  setrlimit(RLIMIT_NOFILE, &tight);
  ExchangeRequest request = client.request("/b");
  request.fresh_connection = true;
  auto watched = client.fetch(request);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(watched->end->status, Status::local_resource);
  EXPECT_NE(watched->end->message.find("RLIMIT_NOFILE"), std::string::npos);
  EXPECT_EQ(client.transport().connections_open(), 0u) << "idle connections were given up";
  EXPECT_EQ(client.fetch("/c")->end->status, Status::ok);
}

TEST_P(TransportExchange, survives_the_restart_of_the_origin) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Watched>> exchanges;
    ExchangeRequest request = client.request("/slow");
    request.fresh_connection = true;
    for (int i = 0; i < 10; ++i) exchanges.push_back(client.start(request));
    ASSERT_TRUE(client.until([&] {
      return std::all_of(exchanges.begin(), exchanges.end(), [](const auto &one) { return one->asked == 1; });
    }));
    origin.control("POST", "/drop");
    ASSERT_TRUE(client.until([&] {
      return std::all_of(exchanges.begin(), exchanges.end(), [](const auto &one) { return one->end.has_value(); });
    }));
    for (const auto &one : exchanges) EXPECT_EQ(one->end->status, Status::connection_lost) << one->end->message;
    const auto after = client.fetch_with_rerun("/after");
    ASSERT_EQ(after->end->status, Status::ok) << after->end->message;
  }
}

TEST(TransportReuse, resumes_the_tls_session_of_an_earlier_connection) {
  OriginProcess origin(kScript);
  TestClient client(origin.url("https"), origin.ca_file());
  client.fetch("/a");
  ExchangeRequest request = client.request("/b");
  request.fresh_connection = true;
  EXPECT_TRUE(client.fetch(request)->end->opened_connection);
  EXPECT_EQ(origin.counter("tls.handshakes"), 2u);
  EXPECT_EQ(origin.counter("tls.resumed"), 1u);
}

// libcurl may repeat it by itself; if not, the end says that it is free to be run again.
TEST(TransportReuse, a_reused_connection_that_dies_under_a_request_costs_no_request) {
  OriginProcess origin(R"({"default": {"size": 1000},
      "paths": {"/dies": {"size": 1000, "fault_on": "reused", "fault": {"type": "reset", "at": "request"}}}})");
  for (const char *scheme : {"http", "https"}) {
    TestClient client(origin.url(scheme), origin.ca_file());
    client.fetch("/a");
    const auto watched = client.fetch_with_rerun("/dies");
    EXPECT_TRUE(watched->body() == pattern_body("dies", 1000)) << watched->end->message;
    EXPECT_TRUE(watched->end->opened_connection);
  }
  EXPECT_EQ(origin.counter("injected.reset.request"), 2u);
}

}  // namespace
}  // namespace octo
