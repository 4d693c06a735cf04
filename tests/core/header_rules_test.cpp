// Extra request headers: what would frame, forge or leak is refused, and the refusal names the header.
#include "client/header_rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace octo {
namespace {

std::string refusal(std::string_view name, std::string_view value, bool is_exposed = false) {
  const auto line = header_line(name, value, is_exposed);
  EXPECT_FALSE(line.is_ok()) << name;
  if (line.is_ok()) return {};
  EXPECT_EQ(line.failure().status, Status::invalid_argument);
  return line.failure().text;
}

TEST(HeaderRules, a_plain_header_becomes_its_line) {
  EXPECT_EQ(header_line("X-Tenant", "blue", false).value(), "X-Tenant: blue");
  EXPECT_EQ(header_line("x-tenant", "  a b\tc \t", false).value(), "x-tenant: a b\tc");
  EXPECT_EQ(header_line("x-name", "gr\xc3\xbc\xc3\x9f", false).value(), "x-name: gr\xc3\xbc\xc3\x9f");
}

TEST(HeaderRules, an_empty_value_is_kept_as_libcurl_writes_it) {
  EXPECT_EQ(header_line("X-Empty", "", false).value(), "X-Empty;");
  EXPECT_EQ(header_line("X-Empty", " \t ", false).value(), "X-Empty;");
}

TEST(HeaderRules, row_57_line_ends_and_other_control_bytes_are_refused) {
  for (const std::string_view value :
       {std::string_view("a\r\nHost: evil"), std::string_view("a\nb"), std::string_view("a\rb"),
        std::string_view("a\0b", 3), std::string_view("\x7f"), std::string_view("\x1b[0m")}) {
    const std::string text = refusal("x-a", value);
    EXPECT_NE(text.find("'x-a'"), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(HeaderRules, row_57_names_that_are_no_tokens_are_refused) {
  for (const std::string_view name :
       {std::string_view(""), std::string_view("a b"), std::string_view("a:"), std::string_view("a\r\nb"),
        std::string_view("\xc3\xbc"), std::string_view("a\0", 2), std::string_view("(a)"), std::string_view("a,b")}) {
    refusal(name, "v");
  }
  refusal(std::string(129, 'a'), "v");
  EXPECT_TRUE(header_line(std::string(128, 'a'), "v", false).is_ok());
}

TEST(HeaderRules, row_57_what_the_library_writes_itself_is_refused_in_any_case) {
  for (const std::string_view name :
       {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect",
        "Proxy-Authorization", "Proxy-Connection", "Range", "If-Match", "If-None-Match", "If-Range", "User-Agent",
        "If-Modified-Since", "If-Unmodified-Since"}) {
    EXPECT_NE(refusal(name, "x").find("sets this header itself"), std::string::npos) << name;
  }
  for (const std::string_view name : {"X-Amz-Date", "x-amz-content-sha256", "x-amz-security-token"}) {
    EXPECT_NE(refusal(name, "x").find("signing"), std::string::npos) << name;
  }
}

TEST(HeaderRules, a_tab_within_what_is_signed_is_refused) {
  EXPECT_NE(refusal("X-Amz-Meta-A", "a\tb").find("tab"), std::string::npos);
  EXPECT_EQ(header_line("X-Amz-Meta-A", "\ta  b\t", false).value(), "X-Amz-Meta-A: a  b");
}

TEST(HeaderRules, a_value_has_a_limit) {
  EXPECT_TRUE(header_line("x-a", std::string(4096, 'v'), false).is_ok());
  EXPECT_NE(refusal("x-a", std::string(4097, 'v')).find("4096"), std::string::npos);
}

TEST(HeaderRules, row_80_secrets_do_not_travel_in_plain_text_and_are_not_repeated) {
  for (const std::string_view name : {"Authorization", "cookie"}) {
    EXPECT_TRUE(header_line(name, "hunter2", false).is_ok());
    const std::string text = refusal(name, "hunter2", true);
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_NE(text.find("https"), std::string::npos) << text;
  }
  EXPECT_EQ(refusal("x-a", "hunter2\n").find("hunter2"), std::string::npos);
}

TEST(HeaderRules, the_option_takes_one_header_a_line) {
  const auto lines = header_lines("X-A: 1\r\n\n  X-B:2  \nX-C:", false);
  ASSERT_TRUE(lines.is_ok());
  EXPECT_EQ(lines.value(), (std::vector<std::string>{"X-A: 1", "X-B: 2", "X-C;"}));
  EXPECT_TRUE(header_lines("", false).value().empty());
  EXPECT_FALSE(header_lines("no colon", false).is_ok());
  EXPECT_EQ(header_lines("token hunter2", false).failure().text.find("hunter2"), std::string::npos);
  EXPECT_FALSE(header_lines("X-A: 1\nHost: x", false).is_ok());
}

TEST(HeaderRules, entity_tags_are_quoted) {
  for (const std::string_view tag : {"\"abc\"", "W/\"abc\"", "\"\"", "*", "\"a-b.c:d/e\""})
    EXPECT_TRUE(is_entity_tag(tag)) << tag;
  for (const std::string_view tag :
       {"", "abc", "\"abc", "abc\"", "\"a\"b\"", "\"a b\"", "\"a\r\nb\"", "w/\"abc\"", "\""}) {
    EXPECT_FALSE(is_entity_tag(tag)) << tag;
  }
  EXPECT_FALSE(is_entity_tag("\"" + std::string(1024, 'a') + "\""));
}

TEST(HeaderRules, an_authorization_is_told_in_any_case_and_also_empty) {
  for (const char *line : {"Authorization: Bearer x", "AUTHORIZATION:x", "authorization;"}) {
    EXPECT_TRUE(is_authorization(line)) << line;
  }
  for (const char *line : {"", "authorization", "x-authorization: y", "authorizations: y"}) {
    EXPECT_FALSE(is_authorization(line)) << line;
  }
}

}  // namespace
}  // namespace octo
