// Tests of what a terminal is shown of foreign bytes.
#include "escape.hpp"

#include <gtest/gtest.h>

#include "base64.hpp"
#include "text_width.hpp"
#include "utf8.hpp"

namespace octo::cli {
namespace {

using namespace std::string_view_literals;

TEST(Escape, printable_ascii_and_utf8_stay) {
  EXPECT_EQ(escape("photos/a b.jpg"), "photos/a b.jpg");
  EXPECT_EQ(escape("gr\u00fc\u00dfe/\u6f22\u5b57/\U0001f419"), "gr\u00fc\u00dfe/\u6f22\u5b57/\U0001f419");
}

TEST(Escape, control_bytes_become_hex) {
  EXPECT_EQ(escape("a\x1b[2Jb\r\n\0\x7f"sv), "a\\x1b[2Jb\\x0d\\x0a\\x00\\x7f");
  EXPECT_EQ(escape("\xc2\x9b"), "\\xc2\\x9b") << "U+009B begins a control sequence too";
}

TEST(Escape, marks_that_reorder_text_become_hex) {
  EXPECT_EQ(escape("a\u202egpj.exe"), "a\\xe2\\x80\\xaegpj.exe");
  EXPECT_EQ(escape("\u200b"), "\\xe2\\x80\\x8b");
}

TEST(Escape, bytes_that_are_no_utf8_become_hex) {
  EXPECT_EQ(escape("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(escape("\xc0\xaf"), "\\xc0\\xaf") << "an overlong slash";
  EXPECT_EQ(escape("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(escape("\xe6\xbc"), "\\xe6\\xbc") << "a character that is cut";
}

TEST(Escape, different_bytes_have_different_escapes) {
  EXPECT_NE(escape("\\x1b"), escape("\x1b"));
  EXPECT_EQ(escape("\\x1b"), "\\x5cx1b");
}

TEST(Escape, a_word_has_no_blank_and_is_never_empty) {
  EXPECT_EQ(escape_word("a b"), "a\\x20b");
  EXPECT_EQ(escape_word(""), "\"\"");
  EXPECT_NE(escape_word("\"\""), escape_word(""));
}

TEST(Escape, a_sentence_keeps_what_is_escaped_already) {
  EXPECT_EQ(escape_sentence("key 'a\\x1b' \"b\" \x1b"), "key 'a\\x1b' \"b\" \\x1b");
}

TEST(Escape, plain_text_has_no_control_bytes_but_layout) {
  EXPECT_TRUE(is_plain_text("line\tone\r\nline tw\u00f6\n"));
  EXPECT_TRUE(is_plain_text(""));
  EXPECT_FALSE(is_plain_text("\x1b[31m"));
  EXPECT_FALSE(is_plain_text("\0"sv));
  EXPECT_FALSE(is_plain_text("\xff"));
}

TEST(Utf8, bounds_of_each_length_are_known) {
  EXPECT_TRUE(is_utf8("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
  for (const std::string_view bytes : {"\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xf0\x8f\xbf\xbf"sv,
                                       "\xf4\x90\x80\x80"sv, "\xf5"sv, "\xc2"sv, "\xc2\x41"sv}) {
    EXPECT_FALSE(is_utf8(bytes)) << escape(bytes);
  }
}

TEST(Base64, matches_the_vectors_of_rfc_4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff\x00"sv), "+/8A");
}

TEST(TextWidth, counts_columns_not_bytes) {
  EXPECT_EQ(text_width("abc"), 3u);
  EXPECT_EQ(text_width("gr\u00fc\u00dfe"), 5u);
  EXPECT_EQ(text_width("\u6f22\u5b57"), 4u) << "two wide characters";
  EXPECT_EQ(text_width("e\u0301"), 1u) << "a combining accent";
}

TEST(TextWidth, fitted_text_has_exactly_the_width) {
  EXPECT_EQ(fitted("abc", 5), "abc  ");
  EXPECT_EQ(fitted("abcdefghij", 7), "ab~ghij");
  EXPECT_EQ(fitted("abcd", 4), "abcd");
  EXPECT_EQ(fitted("abc", 0), "");
  for (std::size_t width = 1; width < 8; ++width) {
    EXPECT_EQ(text_width(fitted("\u6f22\u5b57\u6f22\u5b57\u6f22", width)), width);
  }
}

}  // namespace
}  // namespace octo::cli
