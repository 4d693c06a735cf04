// Tests of spans of time, sizes and counts as text.
#include "units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace octo::cli {
namespace {

TEST(Duration, is_a_number_and_a_unit) {
  EXPECT_EQ(parse_duration_us("300ms"), 300'000u);
  EXPECT_EQ(parse_duration_us("1.2s"), 1'200'000u);
  EXPECT_EQ(parse_duration_us("500us"), 500u);
  EXPECT_EQ(parse_duration_us("0ms"), 0u);
  EXPECT_EQ(parse_duration_us("0.5ms"), 500u);
  EXPECT_EQ(parse_duration_us("999999999s"), 999'999'999'000'000u);
}

TEST(Duration, is_refused_in_any_other_form) {
  for (const char *text : {"", "300", "ms", "300 ms", " 300ms", "-1ms", "+1ms", "1e3ms", "1..2s", ".5s", "1.s",
                           "1.2.3s", "300msec", "300MS", "0x10ms", "9999999999s", "1h"}) {
    EXPECT_EQ(parse_duration_us(text), std::nullopt) << text;
  }
}

TEST(Duration, is_shown_in_the_unit_that_suits_it) {
  EXPECT_EQ(format_duration(0), "0 us");
  EXPECT_EQ(format_duration(999), "999 us");
  EXPECT_EQ(format_duration(2'400), "2.4 ms");
  EXPECT_EQ(format_duration(9'949), "9.9 ms");
  EXPECT_EQ(format_duration(9'960), "10 ms");
  EXPECT_EQ(format_duration(300'000), "300 ms");
  EXPECT_EQ(format_duration(999'600), "1 s");
  EXPECT_EQ(format_duration(1'240'000), "1.24 s");
  EXPECT_EQ(format_duration(600'000'000), "600 s");
}

TEST(Size, is_shown_in_binary_units) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1024), "1.0 KiB");
  EXPECT_EQ(format_size(10'240), "10 KiB");
  EXPECT_EQ(format_size(1'048'575), "1.0 MiB");
  EXPECT_EQ(format_size(std::numeric_limits<std::uint64_t>::max()), "16 EiB");
}

TEST(Count, has_commas) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(16'384), "16,384");
  EXPECT_EQ(format_count(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace octo::cli
