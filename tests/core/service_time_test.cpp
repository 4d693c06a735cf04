// The estimate of how long an exchange takes, and the record of addresses that take no connection.
#include "resilience/service_time.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "resilience/address_health.hpp"

namespace octo {
namespace {

constexpr Instant kStart = Instant(1000s);

TEST(ServiceTime, is_zero_before_the_first_sample) {
  ServiceTime time;
  EXPECT_EQ(time.estimate(kStart), 0ms);
  EXPECT_EQ(time.percentiles(kStart).p99, 0ms);
}

TEST(ServiceTime, the_first_sample_counts_at_once) {
  ServiceTime time;
  time.add(40ms, kStart);
  EXPECT_EQ(time.estimate(kStart), 40ms);
}

TEST(ServiceTime, is_the_p90_of_the_samples) {
  ServiceTime time;
  for (int i = 1; i <= 100; ++i) time.add(Duration(1ms) * i, kStart);
  EXPECT_NEAR(static_cast<double>(time.estimate(kStart).count()), 90e6, 1e6);
  const ServicePercentiles percentiles = time.percentiles(kStart);
  EXPECT_NEAR(static_cast<double>(percentiles.p50.count()), 50e6, 1e6);
  EXPECT_NEAR(static_cast<double>(percentiles.p99.count()), 99e6, 1e6);
}

TEST(ServiceTime, one_slow_exchange_in_a_hundred_changes_nothing) {
  ServiceTime time;
  for (int i = 0; i < 100; ++i) time.add(i == 50 ? 10s : Duration(20ms), kStart);
  EXPECT_EQ(time.estimate(kStart), 20ms);
}

TEST(ServiceTime, follows_a_change_within_a_window_of_samples) {
  ServiceTime time;
  for (int i = 0; i < 500; ++i) time.add(30ms, kStart);
  EXPECT_EQ(time.estimate(kStart), 30ms);
  for (std::size_t i = 0; i < ServiceTime::kSamplesMax; ++i) time.add(300ms, kStart + 10ms);
  EXPECT_EQ(time.estimate(kStart + 10ms), 300ms);
  for (std::size_t i = 0; i < ServiceTime::kSamplesMax; ++i) time.add(30ms, kStart + 20ms);
  EXPECT_EQ(time.estimate(kStart + 20ms), 30ms);
}

TEST(ServiceTime, halves_each_half_second_without_samples) {
  ServiceTime time;
  for (int i = 0; i < 100; ++i) time.add(800ms, kStart);
  EXPECT_EQ(time.estimate(kStart), 800ms);
  EXPECT_EQ(time.estimate(kStart + 499ms), 800ms);
  EXPECT_EQ(time.estimate(kStart + 500ms), 400ms);
  EXPECT_EQ(time.estimate(kStart + 1000ms), 200ms);
  EXPECT_EQ(time.estimate(kStart + 2s), 50ms);
  EXPECT_EQ(time.estimate(kStart + 60s), 0ms);
}

TEST(ServiceTime, a_fresh_sample_outweighs_old_ones) {
  ServiceTime time;
  for (int i = 0; i < 200; ++i) time.add(900ms, kStart);
  time.estimate(kStart);
  time.add(20ms, kStart + 4s);
  EXPECT_EQ(time.estimate(kStart + 4s), 20ms) << "samples older than three seconds say nothing any more";
  EXPECT_EQ(time.percentiles(kStart + 4s).p99, 20ms);
}

TEST(ServiceTime, a_few_new_samples_wait_for_the_estimate_to_age) {
  ServiceTime time;
  for (int i = 0; i < 100; ++i) time.add(10ms, kStart);
  EXPECT_EQ(time.estimate(kStart), 10ms);
  for (int i = 0; i < 20; ++i) time.add(500ms, kStart + 1ms);
  EXPECT_EQ(time.estimate(kStart + 1ms), 10ms);
  EXPECT_EQ(time.estimate(kStart + 20ms), 500ms);
}

// Under overload each flight starts with just the estimate left, and those that take longer are cut.
TEST(ServiceTime, does_not_shrink_when_the_slow_ones_are_cut) {
  ServiceTime time;
  for (int i = 1; i <= 100; ++i) time.add(Duration(1ms) * i, kStart);
  Instant now = kStart;
  for (int window = 0; window < 20; ++window) {
    now += 20ms;
    const Duration patience = time.estimate(now);
    for (int i = 1; i <= 250; ++i) {
      const Duration service = Duration(1ms) * (1 + i * 37 % 100);
      service <= patience ? time.add(service, now) : time.add_cut(patience, now);
    }
    now += 20ms;
    ASSERT_GE(time.estimate(now), 85ms) << window;
    ASSERT_LE(time.estimate(now), 160ms) << window;
  }
}

TEST(ServiceTime, a_few_that_were_cut_change_nothing) {
  ServiceTime time;
  for (int i = 0; i < 200; ++i) time.add(20ms, kStart);
  for (int i = 0; i < 5; ++i) time.add_cut(1200ms, kStart);
  EXPECT_EQ(time.estimate(kStart), 20ms);
}

TEST(ServiceTime, when_most_are_cut_it_lies_behind_the_longest) {
  ServiceTime time;
  for (int i = 0; i < 50; ++i) time.add_cut(i == 7 ? 400ms : Duration(100ms), kStart);
  EXPECT_EQ(time.estimate(kStart), 600ms);
}

TEST(ServiceTime, many_that_were_cut_early_carry_no_weight) {
  ServiceTime time;
  for (int i = 0; i < 180; ++i) time.add_cut(1ms, kStart);
  for (int i = 1; i <= 50; ++i) time.add(Duration(1ms) * (50 + i), kStart);
  EXPECT_NEAR(static_cast<double>(time.estimate(kStart).count()), 95e6, 1e6);
}

TEST(ServiceTime, percentiles_are_of_those_that_ended) {
  ServiceTime time;
  for (int i = 0; i < 10; ++i) time.add(30ms, kStart);
  for (int i = 0; i < 100; ++i) time.add_cut(1s, kStart);
  EXPECT_EQ(time.percentiles(kStart).p99, 30ms);
}

TEST(AddressHealth, one_failure_sets_no_address_aside) {
  AddressHealth health;
  health.note_failure(kStart);
  EXPECT_FALSE(health.is_set_aside(kStart));
}

TEST(AddressHealth, the_span_doubles_from_the_second_failure_up_to_half_a_minute) {
  AddressHealth health;
  health.note_failure(kStart);
  Duration before{};
  for (int failures = 2; failures < 40; ++failures) {
    health.note_failure(kStart);
    EXPECT_TRUE(health.is_set_aside(kStart));
    const Duration span = health.set_aside_until() - kStart;
    EXPECT_GE(span, before);
    EXPECT_LE(span, 30s);
    EXPECT_EQ(span, std::min<Duration>(500ms * (std::int64_t{1} << std::min(failures, 7)), 30s));
    EXPECT_FALSE(health.is_set_aside(kStart + span));
    before = span;
  }
  EXPECT_EQ(before, 30s);
}

TEST(AddressHealth, row_39_a_success_forgives_all) {
  AddressHealth health;
  for (int i = 0; i < 5; ++i) health.note_failure(kStart);
  health.note_success();
  EXPECT_FALSE(health.is_set_aside(kStart));
  health.note_failure(kStart);
  EXPECT_FALSE(health.is_set_aside(kStart)) << "counting starts anew";
}

}  // namespace
}  // namespace octo
