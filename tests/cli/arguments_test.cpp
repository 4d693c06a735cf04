// Tests of the command line as a value.
#include "arguments.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "exit_code.hpp"
#include "octofetch.h"

namespace octo::cli {
namespace {

using Words = std::vector<std::string>;

GetArguments parse_get(const Words &words) {
  Words all = {"get", "http://host/base"};
  all.insert(all.end(), words.begin(), words.end());
  const auto parsed = parse_arguments(all);
  if (const auto *answer = std::get_if<Answer>(&parsed)) ADD_FAILURE() << answer->text;
  return std::holds_alternative<Arguments>(parsed) ? std::get<Arguments>(parsed).get : GetArguments();
}

// The answer's text, of a command line that is refused.
std::string refusal(const Words &words) {
  Words all = {"get", "http://host/base"};
  all.insert(all.end(), words.begin(), words.end());
  const auto parsed = parse_arguments(all);
  if (!std::holds_alternative<Answer>(parsed)) return "";
  EXPECT_EQ(std::get<Answer>(parsed).exit_code, kExitUsage);
  return std::get<Answer>(parsed).text;
}

TEST(Arguments, hold_keys_and_a_budget) {
  const GetArguments get = parse_get({"a", "b", "--budget", "300ms", "c"});
  EXPECT_EQ(get.url, "http://host/base");
  EXPECT_EQ(get.keys, (Words{"a", "b", "c"}));
  EXPECT_EQ(get.budget_us, 300'000u);
  EXPECT_EQ(get.format, OutputFormat::bodies);
  EXPECT_TRUE(get.has_progress);
}

TEST(Arguments, keep_every_byte_of_a_key) {
  const Words keys = {"[a,b]", "[]", "{}", "++", "%%", "-", "-5", "options", "get", "a=b", "", "x y", "[a]\xff"};
  EXPECT_EQ(parse_get(keys).keys, keys);
}

TEST(Arguments, take_any_key_behind_a_double_dash) {
  EXPECT_EQ(parse_get({"a", "--", "-k", "--json", "--", "[x]"}).keys, (Words{"a", "-k", "--json", "--", "[x]"}));
  EXPECT_EQ(parse_get({"--", "-k"}).keys, (Words{"-k"}));
}

TEST(Arguments, a_repeatable_option_takes_one_word_at_a_time) {
  const GetArguments get =
      parse_get({"--set", "connections.max=8", "a", "--header", "X-A: [1]", "b", "--set", "c=[d]"});
  EXPECT_EQ(get.keys, (Words{"a", "b"}));
  ASSERT_EQ(get.settings.size(), 2u);
  EXPECT_EQ(get.settings[1].value, "[d]");
  ASSERT_EQ(get.headers.size(), 1u);
  EXPECT_EQ(get.headers[0].value, "[1]");
}

TEST(Arguments, a_timeline_takes_a_file_only_behind_an_equals_sign) {
  const GetArguments drawn = parse_get({"--timeline", "a"});
  EXPECT_TRUE(drawn.timeline.is_drawn);
  EXPECT_EQ(drawn.keys, (Words{"a"}));
  const GetArguments both = parse_get({"--timeline=t.svg", "--timeline", "a", "--timeline-rows", "all"});
  EXPECT_TRUE(both.timeline.is_drawn);
  EXPECT_EQ(both.timeline.svg_file, "t.svg");
  EXPECT_EQ(both.timeline.rows_max, std::numeric_limits<std::size_t>::max());
  EXPECT_NE(refusal({"a", "--timeline=t.png"}), "");
  EXPECT_NE(refusal({"a", "--timeline-rows", "0"}), "");
}

TEST(Arguments, hold_what_every_request_asks) {
  const GetArguments get = parse_get({"a", "--range", "-500", "--priority", "required", "--if-none-match", "\"tag\"",
                                      "--version-id", "[v]", "-o", "out", "--color", "never"});
  ASSERT_TRUE(get.range);
  EXPECT_EQ(get.range->flag, OCTO_REQUEST_RANGE_SUFFIX);
  EXPECT_EQ(get.priority, std::uint64_t{OCTO_PRIORITY_REQUIRED});
  EXPECT_EQ(get.if_none_match, "\"tag\"");
  EXPECT_EQ(get.version_id, "[v]");
  EXPECT_TRUE(get.writes_files());
  EXPECT_EQ(get.colour, ColourMode::never);
  EXPECT_FALSE(parse_get({"a", "-o", "-"}).writes_files());
}

TEST(Arguments, are_refused_with_what_to_write_instead) {
  EXPECT_NE(refusal({"a", "--budget", "300"}).find("300ms"), std::string::npos);
  EXPECT_NE(refusal({"a", "--budget", "601s"}).find("600s"), std::string::npos);
  EXPECT_NE(refusal({"a", "--range", "9-5"}).find("0-99"), std::string::npos);
  EXPECT_NE(refusal({"a", "--header", "nonsense"}).find("Name: value"), std::string::npos);
  EXPECT_NE(refusal({"a", "--set", "nonsense"}).find("connections.max=16"), std::string::npos);
  EXPECT_NE(refusal({"a", "--priority", "high"}).find("required"), std::string::npos);
  EXPECT_NE(refusal({"a", "--color", "pink"}).find("never"), std::string::npos);
}

TEST(Arguments, are_refused_when_they_do_not_fit_together) {
  EXPECT_NE(refusal({}), "");
  EXPECT_NE(refusal({"a", "--json", "--jsonl"}), "");
  EXPECT_NE(refusal({"a", "--bodies"}), "");
  EXPECT_NE(refusal({"a", "--null"}), "");
  EXPECT_NE(refusal({"a", "--keys-from", "f"}), "");
  EXPECT_NE(refusal({"--keys-from", "f", "--", "a"}), "");
  EXPECT_NE(refusal({"a", "--no-such-option"}), "");
}

TEST(Arguments, control_bytes_in_a_refused_word_are_escaped) {
  EXPECT_EQ(refusal({"a", "--budget", "\x1b[2J"}).find('\x1b'), std::string::npos);
  EXPECT_EQ(refusal({"a", "--\x1b[2J"}).find('\x1b'), std::string::npos);
}

TEST(Arguments, ask_for_help_and_tables) {
  const auto help = parse_arguments({"get", "--help"});
  ASSERT_TRUE(std::holds_alternative<Answer>(help));
  EXPECT_EQ(std::get<Answer>(help).exit_code, kExitOk);
  EXPECT_NE(std::get<Answer>(help).text.find("Exit codes:"), std::string::npos);
  const auto options = parse_arguments({"options", "--markdown"});
  ASSERT_TRUE(std::holds_alternative<Arguments>(options));
  EXPECT_EQ(std::get<Arguments>(options).command, Command::options);
  EXPECT_EQ(std::get<Arguments>(options).table, TableFormat::markdown);
  EXPECT_TRUE(std::holds_alternative<Answer>(parse_arguments({})));
}

}  // namespace
}  // namespace octo::cli
