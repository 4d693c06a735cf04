// Tests of ranges, headers, settings and counts of the command line.
#include "values.hpp"

#include <gtest/gtest.h>

#include "octofetch.h"

namespace octo::cli {
namespace {

TEST(Range, has_three_forms) {
  const auto both = parse_range("0-99");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->flag, OCTO_REQUEST_RANGE);
  EXPECT_EQ(both->first, 0u);
  EXPECT_EQ(both->last, 99u);
  const auto from = parse_range("100-");
  ASSERT_TRUE(from);
  EXPECT_EQ(from->flag, OCTO_REQUEST_RANGE_FROM);
  EXPECT_EQ(from->first, 100u);
  const auto suffix = parse_range("-500");
  ASSERT_TRUE(suffix);
  EXPECT_EQ(suffix->flag, OCTO_REQUEST_RANGE_SUFFIX);
  EXPECT_EQ(suffix->last, 500u);
}

TEST(Range, is_refused_in_any_other_form) {
  for (const char *text : {"", "-", "5", "9-5", "-0", "a-b", "1-2-3", "1--2", "0-99,200-", "bytes=0-99", " 0-9",
                           "18446744073709551616-", "+1-2"}) {
    EXPECT_FALSE(parse_range(text)) << text;
  }
}

TEST(Header, is_a_name_and_a_trimmed_value) {
  const auto header = parse_header("X-Time: 12:30 \t");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->name, "X-Time");
  EXPECT_EQ(header->value, "12:30");
  EXPECT_EQ(parse_header("X-Empty:")->value, "");
  EXPECT_FALSE(parse_header("no colon"));
  EXPECT_FALSE(parse_header(": no name"));
}

TEST(Setting, is_split_at_the_first_equals_sign) {
  const auto setting = parse_setting("tls.ca_file=/a=b.pem");
  ASSERT_TRUE(setting);
  EXPECT_EQ(setting->name, "tls.ca_file");
  EXPECT_EQ(setting->value, "/a=b.pem");
  EXPECT_EQ(parse_setting("user_agent=")->value, "");
  EXPECT_FALSE(parse_setting("budget"));
  EXPECT_FALSE(parse_setting("=300ms"));
}

TEST(CountText, is_digits_alone) {
  EXPECT_EQ(parse_count("40"), 40u);
  for (const char *text : {"", "-1", "4x", " 4", "99999999999999999999"}) EXPECT_FALSE(parse_count(text)) << text;
}

}  // namespace
}  // namespace octo::cli
