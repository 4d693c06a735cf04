// Stray bytes on a connection never reach another key: wherever they wait, the connection is given up.
//
// Built with OCTO_WITHOUT_GUARD on libcurl 7.88 this suite fails: the next key gets the body POISON.
#include "transport/guard.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "support/origin_process.hpp"
#include "transport_client.hpp"

namespace octo {
namespace {

using octo_test::OriginProcess;
using octo_test::pattern_body;

struct Pair {
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0); }
  ~Pair() {
    close(fds[0]);
    if (fds[1] >= 0) close(fds[1]);
  }
  Pair(const Pair &) = delete;
  Pair &operator=(const Pair &) = delete;
  int fds[2] = {-1, -1};
};

TEST(TransportGuard, tells_clean_dirty_and_dead_connections_apart) {
  Pair pair;
  EXPECT_EQ(look_at_idle(pair.fds[0], nullptr), IdleState::clean);
  ASSERT_EQ(write(pair.fds[1], "x", 1), 1);
  EXPECT_EQ(look_at_idle(pair.fds[0], nullptr), IdleState::dirty);
  EXPECT_EQ(look_at_idle(pair.fds[0], nullptr), IdleState::dirty) << "looking takes nothing away";
  Pair closed;
  close(closed.fds[1]);
  closed.fds[1] = -1;
  EXPECT_EQ(look_at_idle(closed.fds[0], nullptr), IdleState::dead);
  EXPECT_EQ(look_at_idle(-1, nullptr), IdleState::dead);
}

struct StrayCase {
  const char *name;
  const char *fault;
  const char *counter = nullptr;  // of the origin, when the bytes come by themselves: wait until they were written
};

const StrayCase kStrays[] = {
    {"same_segment", R"({"type": "stray", "where": "same_segment"})"},
    {"body_record", R"({"type": "stray", "where": "body_record"})"},
    {"body_record_later", R"({"type": "stray", "where": "body_record", "gap_ms": 5})"},
    {"while_idle", R"({"type": "stray", "where": "while_idle", "after_ms": 5})", "injected.stray.while_idle"},
    {"while_idle_one_byte", R"({"type": "stray", "where": "while_idle", "after_ms": 5, "payload": "x"})",
     "injected.stray.while_idle"},
    {"length_short", R"({"type": "length_short"})"},
    {"length_short_split", R"({"type": "length_short", "split": true})", "injected.length_short"},
    {"close_notify", R"({"type": "stray", "where": "while_idle", "after_ms": 5, "kind": "close_notify"})",
     "injected.stray.while_idle.close_notify"},
    {"fin", R"({"type": "stray", "where": "while_idle", "after_ms": 5, "kind": "fin"})",
     "injected.stray.while_idle.fin"},
    {"rst", R"({"type": "stray", "where": "while_idle", "after_ms": 5, "kind": "rst"})",
     "injected.stray.while_idle.rst"},
};

class TransportStray : public testing::TestWithParam<std::tuple<const char *, StrayCase>> {};

INSTANTIATE_TEST_SUITE_P(, TransportStray,
                         testing::Combine(testing::Values("http", "https"), testing::ValuesIn(kStrays)),
                         [](const auto &one) {
                           return std::string(std::get<1>(one.param).name) + "_" + std::get<0>(one.param);
                         });

class TransportEarly : public testing::TestWithParam<const char *> {};

INSTANTIATE_TEST_SUITE_P(, TransportEarly, testing::Values("http", "https"),
                         [](const auto &scheme) { return std::string(scheme.param); });

TEST_P(TransportStray, never_becomes_another_key) {
  const auto &[scheme, stray] = GetParam();
  OriginProcess origin(R"({"default": {"size": 100}, "paths": {"/first": {"size": 100, "fault": )" +
                       std::string(stray.fault) + "}}}");
  TestClient client(origin.url(scheme), origin.ca_file());
  for (int round = 0; round < 5; ++round) {
    const auto first = client.fetch_with_rerun("/first");
    EXPECT_EQ(first->end->status, Status::ok) << first->end->message;
    // Over the loopback what was written has arrived.
    ASSERT_TRUE(client.until([&] { return origin.counter("replies.completed") == origin.counter("requests.total"); }));
    if (stray.counter != nullptr) {
      ASSERT_TRUE(client.until([&] { return origin.counter(stray.counter) > static_cast<std::uint64_t>(round); }));
    }
    for (int i = 0; i < 4; ++i) {
      const std::string key = "key" + std::to_string(i);
      const auto watched = client.fetch_with_rerun("/" + key);
      ASSERT_EQ(watched->end->status, Status::ok) << watched->end->message;
      ASSERT_TRUE(watched->body() == pattern_body(key, 100)) << watched->body();
    }
  }
}

// What nobody wants to hear of keeps an epoll set ready for ever, and the loop would turn without a pause.
TEST(TransportGuard, an_idle_connection_that_speaks_or_ends_does_not_keep_the_loop_busy) {
  for (const char *kind : {"bytes", "fin", "rst"}) {
    OriginProcess origin(
        R"({"default": {"size": 100, "fault": {"type": "stray", "where": "while_idle", "after_ms": 5)" +
        (kind == std::string("bytes") ? "" : R"(, "kind": ")" + std::string(kind) + '"') + "}}}");
    TestClient client(origin.url());
    client.fetch("/first");
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    int turns = 0;
    while (std::chrono::steady_clock::now() < until) {
      client.turn();
      ++turns;
    }
    // The test's own timer turns the loop every 10 ms.
    EXPECT_LE(turns, 60) << kind;
  }
}

TEST(TransportGuard, counts_and_names_what_it_refuses) {
  OriginProcess origin(R"({"default": {"size": 100}, "paths": {"/first": {"size": 100, "fault":
      {"type": "stray", "where": "while_idle", "after_ms": 5}}}})");
  TestClient client(origin.url());
  client.fetch("/first");
  ASSERT_TRUE(client.until([&] { return origin.counter("injected.stray.while_idle") == 1; }));
  const auto watched = client.fetch("/second");
  if (watched->end->status == Status::ok) GTEST_SKIP() << "libcurl noticed by itself";
  EXPECT_TRUE(watched->end->may_rerun);
  EXPECT_TRUE(watched->end->guard_refused);
  EXPECT_TRUE(watched->end->reused);
  EXPECT_EQ(watched->asked, 0) << "nothing was sent";
  EXPECT_EQ(client.counters.connections_refused_by_guard.value(), 1u);
  EXPECT_EQ(client.transport().connections_open(), 0u);
}

TEST_P(TransportEarly, row_8_answers_before_the_first_request_are_refused) {
  OriginProcess origin(R"({"accept": {"http": {"type": "stray"}, "https": {"type": "stray"}}})");
  TestClient client(origin.url(GetParam()), origin.ca_file());
  const auto watched = client.start("/key");
  watched->before_send = [&] {
    while (origin.counter("injected.stray.accept") == 0) usleep(1000);
  };
  ASSERT_TRUE(client.until([&] { return watched->end.has_value(); }));
  EXPECT_EQ(watched->end->status, Status::protocol_error);
  EXPECT_EQ(watched->end->bytes_received, 0U);
  client.close();
}

TEST(TransportGuard, gives_up_connections_that_were_idle_for_too_long) {
  OriginProcess origin(R"({"default": {"size": 100}})");
  TransportConfig config;
  config.idle_max = 20ms;
  TestClient client(origin.url(), "", config);
  client.fetch("/a");
  usleep(30000);
  const auto watched = client.fetch("/b");
  EXPECT_TRUE(watched->end->may_rerun);
  EXPECT_FALSE(watched->end->guard_refused);
  EXPECT_TRUE(client.fetch("/c")->end->opened_connection);
}

TEST(TransportSockets, are_found_by_both_addresses_and_ports) {
  uv_loop_t loop;
  ASSERT_EQ(uv_loop_init(&loop), 0);
  {
    LibraryVisit visit;
    LoopHandles handles(&loop, visit);
    Sockets sockets(handles, nullptr, nullptr);
    const auto endpoint = std::make_shared<Endpoint>();
    const ConnectionName names[] = {{5000, 80, "127.0.0.9", "127.0.0.1"}, {5000, 80, "127.0.0.9", "127.0.0.2"}};
    SocketHold holds[2];
    int fds[2] = {-1, -1};
    for (int i = 0; i < 2; ++i) {
      fds[i] = sockets.open(AF_INET, SOCK_STREAM, 0, endpoint, holds[i]);
      ASSERT_GE(fds[i], 0);
      EXPECT_EQ(sockets.find(names[i]), nullptr);
      holds[i].socket->name = names[i];
      holds[i].socket->is_used = true;
    }
    EXPECT_EQ(sockets.find(names[0])->fd, fds[0]);
    EXPECT_EQ(sockets.find(names[1])->fd, fds[1]);
    EXPECT_EQ(endpoint->connections_open, 2u);
    EXPECT_EQ(endpoint->connections_idle(), 0u);
    sockets.release(holds[0]);
    EXPECT_EQ(endpoint->connections_idle(), 1u);
    SocketHold promised;
    sockets.promise(endpoint, promised);
    EXPECT_EQ(endpoint->connections_idle(), 0u);
    sockets.close(fds[0]);
    EXPECT_EQ(endpoint->connections_open, 1u);
    EXPECT_EQ(endpoint->connections_busy, 1u) << "a promise cannot outlive the idle connection";
    sockets.release(promised);
    sockets.close(fds[1]);
    EXPECT_EQ(holds[1].socket, nullptr);
    EXPECT_EQ(sockets.find(names[1]), nullptr);
    EXPECT_EQ(endpoint->connections_open, 0u);
  }
  EXPECT_EQ(uv_loop_close(&loop), 0);
}

}  // namespace
}  // namespace octo
