// What credentials are taken, that no error repeats them, and which of two sets signs.
#include "auth/credentials.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace octo {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::string_view kSecretText = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

sys_seconds at(std::int64_t time) { return sys_seconds{seconds{time}}; }

Credentials set_of(std::string_view id, std::optional<sys_seconds> expires_at = {}) {
  auto made = make_credentials({id, kSecretText, {}, expires_at});
  EXPECT_TRUE(made.is_ok());
  return std::move(made.value());
}

// The access key id of the set that signs at `time`; "" for none.
std::string picked(CredentialSets &sets, std::int64_t time) {
  const auto credentials = sets.pick(at(time));
  return credentials.is_ok() ? std::string(credentials.value()->access_key_id()) : "";
}

std::string refusal(CredentialSets &sets, std::int64_t time) {
  const auto credentials = sets.pick(at(time));
  if (credentials.is_ok()) return "";
  EXPECT_EQ(credentials.failure().status, Status::no_credentials);
  return credentials.failure().text;
}

TEST(Secret, moves_its_bytes_and_keeps_none) {
  Secret first("abc");
  const char *const bytes = first.view().data();
  Secret second(std::move(first));
  EXPECT_TRUE(first.is_empty());  // NOLINT(bugprone-use-after-move): what is left is the point
  EXPECT_EQ(second.view(), "abc");
  EXPECT_EQ(second.view().data(), bytes);
  second = Secret("AWS4", "xyz");
  EXPECT_EQ(second.view(), "AWS4xyz");
  EXPECT_TRUE(Secret().is_empty());
  EXPECT_EQ(Secret("").view(), "");
}

TEST(Credentials, hold_what_was_handed_over) {
  const auto made = make_credentials({"AKIAIOSFODNN7EXAMPLE", kSecretText, "token/+=", at(5)});
  ASSERT_TRUE(made.is_ok());
  EXPECT_EQ(made.value().access_key_id(), "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(made.value().secret_access_key(), kSecretText);
  EXPECT_EQ(made.value().session_token(), "token/+=");
  EXPECT_FALSE(made.value().is_expired(at(4)));
  EXPECT_TRUE(made.value().is_expired(at(5)));
  EXPECT_TRUE(make_credentials({"minioadmin", "minioadmin", {}, {}}).is_ok());
  EXPECT_TRUE(make_credentials({std::string(128, 'A'), std::string(256, 's'), std::string(8192, 't'), {}}).is_ok());
}

TEST(Credentials, are_told_apart_by_id_and_secret) {
  const auto identity = [](std::string_view id, std::string_view secret) {
    return make_credentials({id, secret, {}, {}}).value().identity();
  };
  EXPECT_EQ(identity("ID", "secret"), identity("ID", "secret"));
  EXPECT_NE(identity("ID", "secret"), identity("ID", "other"));
  EXPECT_NE(identity("ID", "secret"), identity("IDs", "ecret"));
}

TEST(Credentials, are_refused_with_the_part_and_the_limit_but_without_the_secret) {
  struct Row {
    CredentialText text;
    std::string_view part;
    std::string_view why;
  };
  const std::string long_id(129, 'A');
  const std::string long_secret(257, 's');
  const std::string long_token(8193, 't');
  const std::string with_line_end = std::string(kSecretText) + "\n";
  const std::string with_nul = std::string(kSecretText) + std::string(1, '\0');
  const std::vector<Row> rows = {
      {{"", kSecretText, {}, {}}, "access key id", "is empty"},
      {{"HUNTER2ID", "", {}, {}}, "secret access key", "is empty"},
      {{long_id, kSecretText, {}, {}}, "access key id", "has 129 bytes; at most 128"},
      {{"HUNTER2ID", long_secret, {}, {}}, "secret access key", "has 257 bytes; at most 256"},
      {{"HUNTER2ID", kSecretText, long_token, {}}, "session token", "has 8193 bytes; at most 8192"},
      {{"HUNTER2/ID", kSecretText, {}, {}}, "access key id", "'/'"},
      {{"HUNTER2ID,", kSecretText, {}, {}}, "access key id", "','"},
      {{"HUNTER2ID=", kSecretText, {}, {}}, "access key id", "'='"},
      {{" HUNTER2ID", kSecretText, {}, {}}, "access key id", "blank"},
      {{"HUNTER2ID", with_line_end, {}, {}}, "secret access key", "line end"},
      {{"HUNTER2ID", with_nul, {}, {}}, "secret access key", "control byte"},
      {{"HUNTER2ID",
        "s\xc3\xa9"
        "cret",
        {},
        {}},
       "secret access key",
       "ASCII"},
      {{"HUNTER2ID", kSecretText, "to\r\nken: 1", {}}, "session token", "line end"},
      {{"ASIAIOSFODNN7EXAMPLE", kSecretText, {}, {}}, "session token", "is missing"},
  };
  for (const Row &row : rows) {
    const auto made = make_credentials(row.text);
    ASSERT_FALSE(made.is_ok()) << row.part << row.why;
    const std::string &text = made.failure().text;
    EXPECT_EQ(made.failure().status, Status::invalid_argument);
    EXPECT_TRUE(text.starts_with("credentials: the " + std::string(row.part))) << text;
    EXPECT_NE(text.find(row.why), std::string::npos) << text;
    for (const std::string_view piece : {"HUNTER2", "wJalr", "EXAMPLE", "AAAA", "ssss", "tttt", "\xc3", "ken: 1"}) {
      EXPECT_EQ(text.find(piece), std::string::npos) << text;
    }
  }
}

TEST(CredentialSets, say_that_none_are_set) {
  CredentialSets sets;
  EXPECT_NE(refusal(sets, 0).find("no credentials are set"), std::string::npos);
}

TEST(CredentialSets, the_newest_signs_from_the_next_attempt_on) {
  CredentialSets sets;
  sets.set(set_of("FIRST", at(100)));
  EXPECT_EQ(picked(sets, 0), "FIRST");
  sets.set(set_of("SECOND", at(50)));
  EXPECT_EQ(picked(sets, 0), "SECOND");
}

TEST(CredentialSets, the_previous_signs_while_the_newest_is_expired) {
  CredentialSets sets;
  sets.set(set_of("FIRST", at(100)));
  sets.set(set_of("STALE", at(50)));
  EXPECT_EQ(picked(sets, 49), "STALE");
  EXPECT_EQ(picked(sets, 50), "FIRST");
  EXPECT_EQ(picked(sets, 99), "FIRST");
  EXPECT_EQ(picked(sets, 100), "");
  EXPECT_NE(refusal(sets, 100).find("have expired"), std::string::npos);
  sets.set(set_of("THIRD"));
  EXPECT_EQ(picked(sets, 1'000'000), "THIRD");
}

TEST(CredentialSets, the_previous_signs_when_the_newest_is_withdrawn) {
  CredentialSets sets;
  sets.set(set_of("FIRST", at(100)));
  sets.set(set_of("SECOND", at(200)));
  sets.withdraw_newest();
  EXPECT_EQ(picked(sets, 0), "FIRST");
  EXPECT_EQ(picked(sets, 100), "");
  sets.set(set_of("THIRD"));
  EXPECT_EQ(picked(sets, 100), "THIRD");
  sets.clear();
  EXPECT_EQ(picked(sets, 0), "");
}

TEST(CredentialSets, an_expired_set_does_not_push_out_one_that_lives) {
  CredentialSets sets;
  sets.set(set_of("FIRST", at(100)));
  sets.set(set_of("STALE", at(50)));
  sets.set(set_of("STALER", at(40)));
  EXPECT_EQ(picked(sets, 60), "FIRST");
}

TEST(CredentialSets, a_replaced_set_without_an_end_is_gone) {
  CredentialSets sets;
  sets.set(set_of("FOREVER"));
  sets.set(set_of("SECOND", at(100)));
  EXPECT_EQ(picked(sets, 99), "SECOND");
  EXPECT_EQ(picked(sets, 100), "");
}

}  // namespace
}  // namespace octo
