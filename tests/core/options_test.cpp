// Options: every row takes its own default and limits and nothing beyond, and a refusal says what to write instead.
#include "client/options.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace octo {
namespace {

bool is_number(const OptionRow &row) { return row.type != OptionType::text && row.type != OptionType::boolean; }

std::string refusal(const std::string &name, const std::string &value) {
  Options options;
  const auto answer = options.set(name, value);
  EXPECT_FALSE(answer.is_ok()) << name << " = " << value;
  if (answer.is_ok()) return {};
  EXPECT_EQ(answer.failure().status, Status::invalid_argument);
  return answer.failure().text;
}

TEST(OptionTable, names_are_distinct_and_documented) {
  std::set<std::string> names;
  for (const OptionRow &row : option_table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_NE(std::string(row.text), "") << row.name;
    EXPECT_EQ(std::string(row.text).back(), '.') << row.name;
    EXPECT_EQ(&option_row(row.id), &row) << row.name;
  }
  EXPECT_EQ(names.size(), kOptionCount);
}

TEST(OptionTable, every_row_parses_its_default_minimum_and_maximum) {
  for (const OptionRow &row : option_table()) {
    for (const std::string value : {row.default_value, row.minimum, row.maximum}) {
      if (value.empty()) continue;
      const auto parsed = parse_option(row, value);
      ASSERT_TRUE(parsed.is_ok()) << row.name << " = " << value;
      const auto again = parse_option(row, format_option(row, parsed.value()));
      ASSERT_TRUE(again.is_ok()) << row.name << ": " << format_option(row, parsed.value());
      EXPECT_EQ(again.value().number, parsed.value().number) << row.name;
      EXPECT_EQ(again.value().text, parsed.value().text) << row.name;
    }
    if (is_number(row)) {
      EXPECT_NE(std::string(row.minimum), "") << row.name << " must be bounded";
      EXPECT_NE(std::string(row.maximum), "") << row.name << " must be bounded";
    }
  }
}

TEST(OptionTable, every_numeric_row_refuses_what_lies_beyond_its_limits_and_names_them) {
  for (const OptionRow &row : option_table()) {
    if (!is_number(row)) continue;
    OptionValue above = parse_option(row, row.maximum).value();
    ++above.number;
    std::vector<std::string> beyond = {format_option(row, above)};
    OptionValue below = parse_option(row, row.minimum).value();
    if (below.number > 0) {
      --below.number;
      beyond.push_back(format_option(row, below));
    }
    for (const std::string &value : beyond) {
      const std::string text = refusal(row.name, value);
      EXPECT_NE(text.find(row.name), std::string::npos) << text;
      EXPECT_NE(text.find(value), std::string::npos) << text;
      EXPECT_NE(text.find(row.minimum), std::string::npos) << text;
      EXPECT_NE(text.find(row.maximum), std::string::npos) << text;
    }
  }
}

TEST(OptionTable, a_value_of_another_type_is_refused_with_an_example) {
  EXPECT_EQ(refusal("memory.max", "256 megs"),
            "memory.max: '256 megs' is not valid; write a size, such as 256MiB or 4096");
  EXPECT_EQ(refusal("connect.timeout", "300"),
            "connect.timeout: '300' is not valid; write a duration with its unit, such as 300ms or 1.5s");
  EXPECT_EQ(refusal("connections.max", "many"),
            "connections.max: 'many' is not valid; write a whole number, such as 64");
  EXPECT_EQ(refusal("key.dot_segments", "yes"), "key.dot_segments: 'yes' is not valid; write true or false");
}

TEST(OptionTable, row_59_odd_numbers_are_refused) {
  for (const char *value :
       {"", " ", "-1ms", "+1ms", "nan", "inf", "1e3ms", "0x10ms", "1 ms", "1,5s", "1.s", ".5s", "1.5.5s",
        "99999999999999999999s", "9223372036854775807s", "ms", "1h", "1Ms", "0.0000000001s"}) {
    refusal("connect.timeout", value);
  }
  for (const char *value : {"-1", "1.5B", "1kB", "1MB", "18446744073709551616", "16777216TiB", "MiB", "1MiB "}) {
    refusal("memory.max", value);
  }
}

TEST(OptionTable, sizes_and_durations_take_units_and_fractions) {
  const auto number = [](OptionId id, const char *value) {
    const auto parsed = parse_option(option_row(id), value);
    return parsed.is_ok() ? parsed.value().number : 0;
  };
  EXPECT_EQ(number(OptionId::memory_max, "1.5MiB"), 1'572'864u);
  EXPECT_EQ(number(OptionId::memory_max, "2097152"), 2'097'152u);
  EXPECT_EQ(number(OptionId::memory_max, "1GiB"), std::uint64_t{1} << 30);
  EXPECT_EQ(number(OptionId::connect_timeout, "1.5s"), 1'500'000'000u);
  EXPECT_EQ(number(OptionId::connect_timeout, "250000us"), 250'000'000u);
  EXPECT_EQ(number(OptionId::connect_timeout, "0.5min"), 30'000'000'000u);
  EXPECT_EQ(number(OptionId::connect_timeout, "10.5ms"), 10'500'000u);
}

TEST(OptionTable, an_unknown_name_is_refused_with_the_nearest) {
  EXPECT_EQ(refusal("conections.max", "1"), "there is no option 'conections.max'; did you mean connections.max?");
  EXPECT_EQ(refusal("memory_max", "1"), "there is no option 'memory_max'; did you mean memory.max?");
  EXPECT_EQ(refusal("zzzzzzzzzzzzzzzzzzzzzzzz", "1"), "there is no option 'zzzzzzzzzzzzzzzzzzzzzzzz'");
  EXPECT_LT(refusal(std::string(100'000, 'a'), "1").size(), 200u);
  EXPECT_EQ(refusal("\x1b[31m", "1").find('\x1b'), std::string::npos);
}

TEST(OptionTable, a_text_is_bounded_by_its_row) {
  EXPECT_TRUE(Options().set("name", std::string(65536, 'a')).is_ok());
  EXPECT_NE(refusal("name", std::string(65537, 'a')).find("is longer than 65536 bytes"), std::string::npos);
  EXPECT_TRUE(Options().set("tls.ca_pem", std::string(16 << 20, 'a')).is_ok());
  const std::string refused = refusal("tls.ca_pem", std::string((16 << 20) + 1, 'a'));
  EXPECT_NE(refused.find("is longer than 16777216 bytes"), std::string::npos);
  EXPECT_LT(refused.size(), 200u);
}

TEST(OptionTable, row_80_a_secret_value_is_never_repeated) {
  for (const OptionRow &row : option_table()) {
    if (!row.is_secret) continue;
    const auto parsed = parse_option(row, std::string("Authorization: hunter2\0", 23));
    ASSERT_FALSE(parsed.is_ok()) << row.name;
    EXPECT_EQ(parsed.failure().text.find("hunter2"), std::string::npos);
  }
}

TEST(Options, have_their_defaults_until_they_are_set) {
  Options options;
  EXPECT_EQ(options.count(OptionId::connections_max), 64u);
  EXPECT_EQ(options.duration(OptionId::connect_next_after), 250ms);
  EXPECT_EQ(options.number(OptionId::memory_max), std::uint64_t{256} << 20);
  EXPECT_FALSE(options.flag(OptionId::key_dot_segments));
  EXPECT_EQ(options.text(OptionId::tls_ca_file), "");
  EXPECT_FALSE(options.is_set(OptionId::connections_max));
  ASSERT_TRUE(options.set("connections.max", "128").is_ok());
  ASSERT_TRUE(options.set("key.dot_segments", "true").is_ok());
  EXPECT_EQ(options.count(OptionId::connections_max), 128u);
  EXPECT_TRUE(options.is_set(OptionId::connections_max));
  EXPECT_TRUE(options.flag(OptionId::key_dot_segments));
}

TEST(Options, a_refused_value_leaves_the_last_one) {
  Options options;
  ASSERT_TRUE(options.set("connections.max", "128").is_ok());
  EXPECT_FALSE(options.set("connections.max", "0").is_ok());
  EXPECT_EQ(options.count(OptionId::connections_max), 128u);
}

}  // namespace
}  // namespace octo
