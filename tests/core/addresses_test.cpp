// The origin's addresses: asked for once, spread over, kept when lookups fail, and dead ones set aside.
#include "schedule/addresses.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fake_transport.hpp"

namespace octo {
namespace {

class AddressesWorld : public AddressesEvents {
 public:
  void on_addresses_ready() noexcept override { ++ready_count; }
  void on_addresses_failed(Status status, const std::string &message) noexcept override {
    ++failed_count;
    last_failure = {status, message};
  }

  bool prepare() {
    failed = false;
    return addresses.prepare(clock.now(), failed);
  }
  void know(const std::vector<std::string> &names) {
    prepare();
    resolver.answer(names);
  }
  std::string pick(const std::vector<EndpointRef> &tried = {}) {
    const EndpointRef endpoint = addresses.pick(clock.now(), tried);
    return endpoint == nullptr ? "" : endpoint->address;
  }
  const EndpointRef &endpoint(const std::string &name) { return resolver.known.at(name); }

  FakeClock clock;
  ScheduleConfig config;
  FakeResolver resolver;
  Addresses addresses{config, resolver, *this};
  int ready_count = 0;
  int failed_count = 0;
  bool failed = false;
  Failure last_failure;
};

TEST(Addresses, the_first_use_asks_and_waits) {
  AddressesWorld world;
  EXPECT_FALSE(world.prepare());
  EXPECT_FALSE(world.failed);
  EXPECT_TRUE(world.resolver.is_asked());
  world.resolver.answer({"192.0.2.1"});
  EXPECT_EQ(world.ready_count, 1);
  EXPECT_TRUE(world.prepare());
  EXPECT_EQ(world.resolver.asked_count, 1u);
}

TEST(Addresses, row_63_says_so_when_no_lookup_could_be_started) {
  AddressesWorld world;
  world.resolver.has_threads = false;
  EXPECT_FALSE(world.prepare());
  EXPECT_TRUE(world.failed);
  world.resolver.has_threads = true;
  EXPECT_FALSE(world.prepare());
  EXPECT_FALSE(world.failed) << "the next try may go well";
}

TEST(Addresses, are_refreshed_in_the_background_when_they_are_old) {
  AddressesWorld world;
  world.know({"192.0.2.1"});
  world.clock.advance(world.config.addresses_fresh - 1ms);
  EXPECT_TRUE(world.prepare());
  EXPECT_EQ(world.resolver.asked_count, 1u);
  world.clock.advance(1ms);
  EXPECT_TRUE(world.prepare()) << "what is known serves meanwhile";
  EXPECT_EQ(world.resolver.asked_count, 2u);
  world.resolver.answer({"192.0.2.2"});
  EXPECT_EQ(world.pick(), "192.0.2.2");
}

TEST(Addresses, row_43_the_last_known_are_kept_while_lookups_fail) {
  AddressesWorld world;
  world.know({"192.0.2.1"});
  world.clock.advance(world.config.addresses_fresh);
  EXPECT_TRUE(world.prepare());
  world.resolver.fail();
  EXPECT_EQ(world.failed_count, 0);
  EXPECT_TRUE(world.prepare());
  EXPECT_EQ(world.pick(), "192.0.2.1");
}

TEST(Addresses, a_refresh_that_failed_is_not_asked_again_at_once) {
  AddressesWorld world;
  world.know({"192.0.2.1"});
  world.clock.advance(world.config.addresses_fresh);
  world.prepare();
  world.resolver.fail();
  const std::uint32_t asked = world.resolver.asked_count;
  for (int i = 0; i < 9; ++i) {
    world.clock.advance(100ms);
    EXPECT_TRUE(world.prepare());
  }
  EXPECT_EQ(world.resolver.asked_count, asked);
  world.clock.advance(100ms);
  world.prepare();
  EXPECT_EQ(world.resolver.asked_count, asked + 1);
}

TEST(Addresses, the_last_known_expire) {
  AddressesWorld world;
  world.know({"192.0.2.1"});
  world.clock.advance(world.config.addresses_kept + 1ms);
  EXPECT_FALSE(world.prepare());
  world.resolver.fail(Status::resolve_failed, "gone");
  EXPECT_EQ(world.failed_count, 1);
  EXPECT_EQ(world.last_failure.status, Status::resolve_failed);
  EXPECT_EQ(world.last_failure.text, "gone");
}

TEST(Addresses, row_44_a_stuck_lookup_is_asked_about_again) {
  AddressesWorld world;
  EXPECT_FALSE(world.prepare());
  world.clock.advance(3s);
  EXPECT_FALSE(world.prepare());
  EXPECT_EQ(world.resolver.asked_count, 2u) << "the resolver decides whether a second one starts";
}

TEST(Addresses, an_answer_is_as_old_as_its_question) {
  AddressesWorld world;
  EXPECT_FALSE(world.prepare());
  world.clock.advance(20s);
  world.prepare();
  world.resolver.answer({"192.0.2.1"});
  world.clock.advance(10s);
  const std::uint32_t asked = world.resolver.asked_count;
  EXPECT_TRUE(world.prepare());
  EXPECT_EQ(world.resolver.asked_count, asked + 1);
}

TEST(Addresses, exchanges_spread_over_equal_addresses) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  std::map<std::string, int> counts;
  for (int i = 0; i < 300; ++i) ++counts[world.pick()];
  for (const auto &[name, count] : counts) EXPECT_EQ(count, 100) << name;
}

TEST(Addresses, the_least_busy_address_is_next) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2"});
  world.endpoint("192.0.2.1")->connections_open = world.endpoint("192.0.2.1")->connections_busy = 3;
  world.endpoint("192.0.2.2")->connections_open = world.endpoint("192.0.2.2")->connections_busy = 2;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.pick(), "192.0.2.2");
}

TEST(Addresses, an_idle_connection_is_preferred) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2"});
  world.endpoint("192.0.2.1")->connections_open = 5;
  world.endpoint("192.0.2.1")->connections_busy = 4;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.pick(), "192.0.2.1");
}

TEST(Addresses, what_was_tried_is_not_picked_again) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2"});
  const std::vector<EndpointRef> first = {world.endpoint("192.0.2.1")};
  EXPECT_EQ(world.pick(first), "192.0.2.2");
  EXPECT_TRUE(world.addresses.has_untried(first));
  const std::vector<EndpointRef> both = {world.endpoint("192.0.2.1"), world.endpoint("192.0.2.2")};
  EXPECT_EQ(world.pick(both), "");
  EXPECT_FALSE(world.addresses.has_untried(both));
}

TEST(Addresses, row_45_a_dead_address_is_set_aside_and_forgiven_at_its_first_success) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2"});
  for (int i = 0; i < 2; ++i) world.addresses.note_failed(world.endpoint("192.0.2.1"), world.clock.now());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.pick(), "192.0.2.2");
  world.addresses.note_connected(world.endpoint("192.0.2.1"));
  std::map<std::string, int> counts;
  for (int i = 0; i < 4; ++i) ++counts[world.pick()];
  EXPECT_EQ(counts.size(), 2u);
}

TEST(Addresses, row_39_when_all_are_set_aside_the_one_that_is_due_first_is_tried) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2"});
  for (int i = 0; i < 4; ++i) world.addresses.note_failed(world.endpoint("192.0.2.1"), world.clock.now());
  for (int i = 0; i < 2; ++i) world.addresses.note_failed(world.endpoint("192.0.2.2"), world.clock.now());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.pick(), "192.0.2.2");
}

TEST(Addresses, an_address_keeps_its_record_over_a_refresh) {
  AddressesWorld world;
  world.know({"192.0.2.1", "192.0.2.2"});
  world.clock.advance(world.config.addresses_fresh);
  for (int i = 0; i < 5; ++i) world.addresses.note_failed(world.endpoint("192.0.2.1"), world.clock.now());
  world.know({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  for (int i = 0; i < 6; ++i) EXPECT_NE(world.pick(), "192.0.2.1");
}

TEST(Addresses, row_45_a_thousand_addresses_are_all_used) {
  AddressesWorld world;
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  world.know(names);
  std::map<std::string, int> counts;
  for (int i = 0; i < 1000; ++i) ++counts[world.pick()];
  EXPECT_EQ(counts.size(), 1000u);
}

TEST(Addresses, after_the_host_slept_the_next_use_asks_again) {
  AddressesWorld world;
  world.know({"192.0.2.1"});
  world.addresses.distrust();
  world.prepare();
  EXPECT_EQ(world.resolver.asked_count, 2u);
}

}  // namespace
}  // namespace octo
