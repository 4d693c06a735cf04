// Lookups that answer, fail, hang and pile up, with a name server that the test plays.
#include "transport/resolver.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/os_thread.hpp"
#include "fake_clock.hpp"

namespace octo {
namespace {

// What the next lookups meet. getaddrinfo has no context pointer, so there is one for all tests.
struct NameServer {
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::atomic<int> held{0};  // so many lookups, the first ones, wait for `released`
  std::atomic<bool> released{false};
  std::atomic<int> error{0};
  std::mutex mutex;
  std::vector<std::string> addresses;

  void reset(std::vector<std::string> answer) {
    asked = answered = held = error = 0;
    released = false;
    const std::lock_guard lock(mutex);
    addresses = std::move(answer);
  }
};

NameServer &name_server() {
  static NameServer server;
  return server;
}

addrinfo *numeric(const std::string &address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo *made = nullptr;
  EXPECT_EQ(::getaddrinfo(address.c_str(), nullptr, &hints, &made), 0) << address;
  return made;
}

int look_up(const char *, const char *, const addrinfo *, addrinfo **answer) {
  NameServer &server = name_server();
  const int number = server.asked.fetch_add(1);
  while (number < server.held && !server.released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::vector<std::string> addresses;
  {
    const std::lock_guard lock(server.mutex);
    addresses = server.addresses;
  }
  addrinfo **end = answer;
  if (server.error == 0) {
    for (const std::string &address : addresses) {
      *end = numeric(address);
      end = &(*end)->ai_next;
    }
  }
  server.answered.fetch_add(1);
  return server.error;
}

struct CountingWaker final : Waker {
  void wake() noexcept override { wakes.fetch_add(1); }
  std::atomic<int> wakes{0};
};

struct Answers final : ResolverEvents {
  void on_addresses(std::vector<EndpointRef> endpoints) noexcept override {
    ++answers;
    last = std::move(endpoints);
  }
  void on_lookup_failed(Status how, std::string text) noexcept override {
    ++failures;
    status = how;
    message = std::move(text);
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const EndpointRef &endpoint : last) all.push_back(endpoint->text);
    return all;
  }
  int answers = 0;
  int failures = 0;
  Status status = Status::ok;
  std::string message;
  std::vector<EndpointRef> last;
};

class TransportResolver : public testing::Test {
 protected:
  TransportResolver() {
    config.host = "origin.test";
    config.port = 8080;
    name_server().reset({"192.0.2.1"});
  }
  ~TransportResolver() override {
    name_server().released = true;
    EXPECT_TRUE(wait_for_threads(system_clock().now() + 20s));
  }
  bool collect_until(ThreadResolver &resolver, const std::function<bool()> &holds) {
    const Instant give_up = system_clock().now() + 20s;
    while (!holds()) {
      if (system_clock().now() > give_up) return false;
      resolver.collect();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  static bool until(const std::function<bool()> &holds) {
    const Instant give_up = system_clock().now() + 20s;
    while (!holds() && system_clock().now() < give_up) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return holds();
  }

  TransportConfig config;
  FakeClock clock;
  Counters counters;
  Answers answers;
  std::shared_ptr<CountingWaker> waker = std::make_shared<CountingWaker>();
};

TEST_F(TransportResolver, numeric_hosts_need_no_thread) {
  config.host = "::1";
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  EXPECT_EQ(answers.answers, 0) << "never from inside";
  EXPECT_EQ(waker->wakes, 1);
  resolver.collect();
  EXPECT_EQ(answers.texts(), std::vector<std::string>{"[::1]:8080"});
  resolver.collect();
  EXPECT_EQ(answers.answers, 1);
  EXPECT_EQ(name_server().asked, 0);
  EXPECT_EQ(counters.lookups.value(), 0u);
}

TEST_F(TransportResolver, configured_addresses_take_the_place_of_lookups) {
  config.addresses = {"127.0.0.1", "127.0.0.2", "127.0.0.1"};
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  resolver.collect();
  EXPECT_EQ(answers.texts(), (std::vector<std::string>{"127.0.0.1:8080", "127.0.0.2:8080"}));
  EXPECT_EQ(name_server().asked, 0);
}

TEST_F(TransportResolver, an_answer_wakes_the_loop_and_is_told_once) {
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  EXPECT_TRUE(resolver.start_lookup(answers)) << "one runs already";
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
  EXPECT_TRUE(until([&] { return waker->wakes == 1; }));
  EXPECT_EQ(name_server().asked, 1);
  EXPECT_EQ(counters.lookups.value(), 1u);
  resolver.collect();
  EXPECT_EQ(answers.answers, 1);
  EXPECT_EQ(answers.texts(), std::vector<std::string>{"192.0.2.1:8080"});
}

TEST_F(TransportResolver, families_take_turns_and_duplicates_go) {
  name_server().reset({"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "2001:db8::1", "192.0.2.2"});
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
  EXPECT_EQ(answers.texts(), (std::vector<std::string>{"[2001:db8::1]:8080", "192.0.2.1:8080", "[2001:db8::2]:8080",
                                                       "192.0.2.2:8080", "[2001:db8::3]:8080"}));
}

TEST_F(TransportResolver, a_thousand_addresses_are_cut) {
  std::vector<std::string> many;
  for (int i = 0; i < 1000; ++i) many.push_back("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  name_server().reset(many);
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
  EXPECT_EQ(answers.last.size(), kAddressesMax);
}

TEST_F(TransportResolver, an_address_that_is_used_keeps_its_endpoint) {
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
  const EndpointRef first = answers.last.at(0);
  name_server().reset({"192.0.2.9"});
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 2; }));
  name_server().reset({"192.0.2.9", "192.0.2.1"});
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 3; }));
  EXPECT_EQ(answers.last.at(1), first);
}

TEST_F(TransportResolver, a_failure_names_the_name) {
  name_server().error = EAI_AGAIN;
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.failures == 1; }));
  EXPECT_EQ(answers.status, Status::resolve_failed);
  EXPECT_NE(answers.message.find("'origin.test'"), std::string::npos);
  EXPECT_EQ(counters.lookups_failed.value(), 1u);
  name_server().error = 0;
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
}

TEST_F(TransportResolver, an_empty_answer_is_a_failure) {
  name_server().reset({});
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.failures == 1; }));
  EXPECT_EQ(answers.status, Status::resolve_failed);
}

TEST_F(TransportResolver, a_hanging_lookup_is_joined_by_one_more_and_never_by_a_third) {
  name_server().held = 2;
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(until([] { return name_server().asked == 1; }));
  clock.advance(1900ms);
  EXPECT_TRUE(resolver.start_lookup(answers));
  clock.advance(200ms);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(until([] { return name_server().asked == 2; }));
  clock.advance(10s);
  EXPECT_TRUE(resolver.start_lookup(answers));
  EXPECT_EQ(counters.lookups.value(), 2u);
  name_server().released = true;
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
  ASSERT_TRUE(collect_until(resolver, [] { return name_server().answered == 2; }));
  resolver.collect();
  EXPECT_EQ(answers.answers, 1) << "one question, one answer";
}

TEST_F(TransportResolver, the_second_lookup_answers_while_the_first_hangs) {
  name_server().held = 1;
  ThreadResolver resolver(config, clock, counters, waker, look_up);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(until([] { return name_server().asked == 1; }));
  clock.advance(3s);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers == 1; }));
  EXPECT_EQ(name_server().answered, 1);
}

TEST_F(TransportResolver, a_lookup_may_outlive_its_resolver) {
  name_server().held = 1;
  {
    ThreadResolver resolver(config, clock, counters, waker, look_up);
    EXPECT_TRUE(resolver.start_lookup(answers));
    ASSERT_TRUE(until([] { return name_server().asked == 1; }));
  }
  name_server().released = true;
  EXPECT_TRUE(until([&] { return waker->wakes == 1; }));
  EXPECT_EQ(answers.answers + answers.failures, 0);
}

TEST_F(TransportResolver, asks_the_system_for_localhost) {
  config.host = "localhost";
  ThreadResolver resolver(config, clock, counters, waker);
  EXPECT_TRUE(resolver.start_lookup(answers));
  ASSERT_TRUE(collect_until(resolver, [&] { return answers.answers + answers.failures == 1; }));
  EXPECT_EQ(answers.answers, 1) << answers.message;
}

}  // namespace
}  // namespace octo
