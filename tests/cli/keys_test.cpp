// Tests of reading lists of keys, and of which keys can be paths.
#include "keys.hpp"

#include <gtest/gtest.h>

#include "exit_code.hpp"
#include "key_path.hpp"

namespace octo::cli {
namespace {

using namespace std::string_view_literals;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> keys;
  EXPECT_TRUE(split_keys(text, separator, keys));
  return keys;
}

TEST(KeyList, has_one_key_a_line_and_skips_empty_lines) {
  EXPECT_EQ(split("a\n\nb c\n", '\n'), (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(split("a\nb", '\n'), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(split("", '\n').empty());
  EXPECT_EQ(split(" a \r\n", '\n'), (std::vector<std::string>{" a \r"})) << "every byte counts";
}

TEST(KeyList, with_nul_keeps_line_ends) {
  EXPECT_EQ(split("a\nb\0c\0"sv, '\0'), (std::vector<std::string>{"a\nb", "c"}));
}

TEST(KeyList, holds_no_more_than_a_batch) {
  std::string text;
  for (std::size_t i = 0; i < kKeysMax; ++i) text += "k\n";
  std::vector<std::string> keys;
  EXPECT_TRUE(split_keys(text, '\n', keys));
  keys.clear();
  EXPECT_FALSE(split_keys(text + "k", '\n', keys));
  EXPECT_NO_THROW(check_key_count(kKeysMax));
  EXPECT_THROW(check_key_count(kKeysMax + 1), Failure);
}

TEST(KeyList, that_cannot_be_read_is_a_usage_error) {
  try {
    read_keys("/nowhere/at/all", '\n');
    FAIL() << "it was read";
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.exit_code(), kExitUsage);
  }
}

TEST(KeyPath, splits_at_slashes) {
  const KeyPath path = path_of_key("a/b c/d.jpg");
  EXPECT_EQ(path.refusal, "");
  EXPECT_EQ(path.directories, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(path.file, "d.jpg");
  EXPECT_EQ(path_of_key("...").file, "...") << "three dots are a name like any other";
  EXPECT_EQ(path_of_key("a\\..\\b").file, "a\\..\\b");
}

TEST(KeyPath, refuses_what_is_no_path_beneath) {
  for (const std::string_view key : {""sv, "/"sv, "/etc/passwd"sv, ".."sv, "../a"sv, "a/../b"sv, "a/.."sv, "."sv,
                                     "a/./b"sv, "a//b"sv, "a/"sv, "a\0b"sv, "//"sv}) {
    EXPECT_NE(path_of_key(key).refusal, "") << key;
  }
}

TEST(KeyPath, refuses_segments_longer_than_a_file_name) {
  EXPECT_EQ(path_of_key(std::string(255, 'x')).refusal, "");
  EXPECT_NE(path_of_key(std::string(256, 'x')).refusal, "");
  EXPECT_NE(path_of_key("a/" + std::string(256, 'x') + "/b").refusal, "");
}

}  // namespace
}  // namespace octo::cli
