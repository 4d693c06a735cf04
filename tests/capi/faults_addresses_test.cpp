// Addresses that do not answer, refuse, hang or come back: rows 38 to 41, 45 and 78 of the fault catalogue.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <octofetch.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "capi/process_state.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr char kScript[] = R"({"default": {"size": 3000}})";
constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;

// A port of an address where no SYN is answered: its backlog of one connection is full.
class BlackHole {
 public:
  BlackHole(const char *address, std::uint16_t port) {
    name_.sin_family = AF_INET;
    name_.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &name_.sin_addr);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    is_open_ =
        ::bind(listener_, reinterpret_cast<const sockaddr *>(&name_), sizeof name_) == 0 && ::listen(listener_, 0) == 0;
    for (int &filler : fillers_) filler = fill();
  }
  ~BlackHole() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  BlackHole(const BlackHole &) = delete;
  BlackHole &operator=(const BlackHole &) = delete;

  bool is_open() const { return is_open_; }

 private:
  int fill() const {
    const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::connect(filler, reinterpret_cast<const sockaddr *>(&name_), sizeof name_);
    pollfd wanted{filler, POLLOUT, 0};
    ::poll(&wanted, 1, 50);
    return filler;
  }

  sockaddr_in name_{};
  int listener_ = -1;
  int fillers_[2] = {-1, -1};
  bool is_open_ = false;
};

void expect_complete(const Client &client, const std::string &prefix, std::size_t count = 40) {
  const auto keys = numbered_keys(prefix, count);
  std::string why;
  EXPECT_TRUE(all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why)) << why;
}

TEST(faults_addresses_test, row_38_a_black_hole_costs_only_the_wait_for_the_next_address) {
  const OriginProcess origin(kScript);
  const BlackHole hole("127.0.0.2", origin.port("http"));
  ASSERT_TRUE(hole.is_open());
  const Baseline baseline;
  {
    const Client client = open_client(
        origin.url(),
        {{"dns.addresses", "127.0.0.2,127.0.0.1"}, {"connect.next_after", "100ms"}, {"connect.timeout", "8s"}});
    // Within one batch, and long before the connect of the hole ends.
    EXPECT_LT(elapsed([&] { expect_complete(client, "first"); }), 4000ms);
    expect_complete(client, "second");
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST(faults_addresses_test, row_38_row_41_where_no_address_answers_the_connect_ends_by_its_own_limit) {
  const OriginProcess origin(kScript);
  const Baseline baseline;
  {
    const Client client = open_client(origin.url("black_hole"), {{"connect.timeout", "200ms"}});
    std::vector<Result> got;
    EXPECT_LT(elapsed([&] { got = fetch(client, numbered_keys("key", 20), {kBudget_us}); }), 5000ms);
    EXPECT_EQ(count_status(got, OCTO_CONNECT_FAILED), 20U) << octo_status_name(got[0].status) << got[0].message;
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST(faults_addresses_test, row_39_a_refusing_address_beside_a_good_one_costs_nothing) {
  const OriginProcess origin(kScript);
  const Baseline baseline;
  {
    // Nobody listens on that port of 127.0.0.2 and 127.0.0.3.
    const Client client =
        open_client(origin.url(), {{"dns.addresses", "127.0.0.2,127.0.0.3,127.0.0.1"}, {"connect.next_after", "5s"}});
    EXPECT_LT(elapsed([&] { expect_complete(client, "first"); }), 4000ms);
    expect_complete(client, "second");
    EXPECT_LE(stats(client).connections_opened, 64U);
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST(faults_addresses_test, row_39_a_port_that_flaps_is_served_within_one_batch_whenever_it_is_open) {
  const OriginProcess origin(kScript);
  const Baseline baseline;
  {
    const Client client = open_client(origin.url());
    expect_complete(client, "before");
    for (int turn = 0; turn < 5; ++turn) {
      origin.control("POST", "/close?name=http");
      origin.control("POST", "/drop");
      const auto refused = fetch(client, numbered_keys("refused", 40), {kBudget_us});
      EXPECT_EQ(count_status(refused, OCTO_CONNECT_FAILED), 40U)
          << octo_status_name(refused[0].status) << ": " << refused[0].message;
      origin.control("POST", "/open?name=http");
      expect_complete(client, "open" + std::to_string(turn) + "/");
    }
  }
  EXPECT_EQ(baseline.left_over(), "");
}

// The kernel of a process that stands still goes on acknowledging; of a peer that is gone nothing would come either,
// and then TCP_USER_TIMEOUT ends the connection.
TEST(faults_addresses_test, row_40_a_peer_that_says_nothing_any_more_costs_its_batch_alone) {
  const OriginProcess origin(R"({"default": {"size": 3000, "delay_ms": 5}})");
  const pid_t peer = only_child();
  ASSERT_NE(peer, 0);
  const Baseline baseline;
  {
    const Client client = open_client(origin.url());
    expect_complete(client, "before");
    for (const int fd : sockets_to_port(origin.port("http"))) {
      unsigned unacknowledged_ms = 0;
      socklen_t size = sizeof unacknowledged_ms;
      ASSERT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, &size), 0);
      EXPECT_GT(unacknowledged_ms, 0U);
      EXPECT_LE(unacknowledged_ms, 30'000U);
    }
    ::kill(peer, SIGSTOP);
    std::vector<Result> got;
    const auto took = elapsed([&] { got = fetch(client, numbered_keys("gone", 40), {300'000}); });
    EXPECT_LT(took, 2000ms);
    EXPECT_EQ(count_status(got, OCTO_DEADLINE) + count_status(got, OCTO_SHED), 40U)
        << octo_status_name(got[0].status) << ": " << got[0].message;
    ::kill(peer, SIGCONT);
    expect_complete(client, "after");
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST(faults_addresses_test, row_41_a_connection_that_is_accepted_and_never_read_costs_its_batch_alone) {
  for (const std::string listener : {"http", "https"}) {
    const OriginProcess origin(kScript);
    const Baseline baseline;
    {
      OptionList options = {{"connect.timeout", "300ms"}};
      if (listener == "https") options["tls.ca_file"] = origin.ca_file();
      const Client client = open_client(origin.url(listener), options);
      origin.put_script(R"({"accept": {")" + listener + R"(": {"type": "stall"}}})");
      std::vector<Result> got;
      EXPECT_LT(elapsed([&] { got = fetch(client, numbered_keys("key", 20), {600'000}); }), 3000ms);
      EXPECT_EQ(count_status(got, OCTO_OK), 0U);
      for (const Result &result : got) {
        const bool is_expected =
            result.status == OCTO_DEADLINE || result.status == OCTO_CONNECT_FAILED || result.status == OCTO_SHED;
        EXPECT_TRUE(is_expected) << octo_status_name(result.status) << ": " << result.message;
      }
      origin.put_script(kScript, true);
      expect_complete(client, "after");
    }
    EXPECT_EQ(baseline.left_over(), "");
  }
}

TEST(faults_addresses_test, row_45_connections_spread_over_all_addresses_that_work) {
  const OriginProcess origin(R"({"default": {"size": 3000, "delay_ms": 50}})", "127.0.0.1,127.0.0.2,127.0.0.3");
  const Client client = open_client(
      origin.url(), {{"dns.addresses", "127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4"}, {"connections.max", "30"}});
  expect_complete(client, "key", 60);
  const std::string report = origin.control("GET", "/report");
  for (const std::string address : {"127.0.0.1", "127.0.0.2", "127.0.0.3"}) {
    std::size_t count = 0;
    const std::string wanted = "\"address\":\"" + address + "\"";
    for (std::size_t at = report.find(wanted); at != std::string::npos; at = report.find(wanted, at + 1)) ++count;
    EXPECT_GE(count, 10U) << address;
  }
  // Nobody listens at 127.0.0.4: it is set aside after its second failure, not asked by every request.
  expect_complete(client, "again", 60);
}

TEST(faults_addresses_test, row_78_after_a_restart_of_the_server_the_next_batch_is_complete_without_a_storm) {
  for (const std::string listener : {"http", "https"}) {
    const OriginProcess origin(R"({"default": {"size": 3000, "delay_ms": 100}})");
    const Baseline baseline;
    {
      OptionList options = {{"connections.max", "32"}};
      if (listener == "https") options["tls.ca_file"] = origin.ca_file();
      const Client client = open_client(origin.url(listener), options);
      expect_complete(client, "before");
      const Batch batch = submit(client, numbered_keys("during", 60), {kBudget_us});
      while (origin.counter("requests.total") < 50) std::this_thread::sleep_for(1ms);
      origin.control("POST", "/close?name=" + listener);
      origin.control("POST", "/drop");
      ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
      const octo_stats down = stats(client);
      // While it is down: every request is tried once, and once more at most if its connection was an old one.
      for (int i = 0; i < 5; ++i) {
        const auto refused = fetch(client, numbered_keys("down", 40), {kBudget_us});
        EXPECT_EQ(count_status(refused, OCTO_CONNECT_FAILED), 40U);
      }
      EXPECT_LE(stats(client).attempts - down.attempts, 400U);
      origin.control("POST", "/open?name=" + listener);
      const std::uint64_t accepted = origin.counter("connections.accepted");
      expect_complete(client, "after", 100);
      EXPECT_LE(origin.counter("connections.accepted") - accepted, 40U);
    }
    EXPECT_EQ(baseline.left_over(), "");
  }
}

}  // namespace
}  // namespace octo_test
