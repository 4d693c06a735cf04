// What an attempt sends is signed with the credentials and the time of its moment.
#include "schedule/request_signer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace octo {
namespace {

struct SetClock final : WallClock {
  std::chrono::sys_seconds now() const noexcept override { return at; }
  std::chrono::sys_seconds at{std::chrono::seconds(1'369'353'600)};  // 2013-05-24
};

struct OneSource final : CredentialSource {
  Result<const Credentials *> pick(std::chrono::sys_seconds now) override { return sets.pick(now); }
  void give(std::string_view id) {
    auto made = make_credentials({id, "secret", "", {}});
    ASSERT_TRUE(made.is_ok());
    sets.set(std::move(made.value()));
  }
  CredentialSets sets;
};

class RequestSignerTest : public testing::Test {
 protected:
  // The header line that begins so, or "".
  std::string line(const std::string &begin, const std::vector<std::string> &client = {},
                   const std::vector<std::string> &batch = {}) {
    const auto signed_lines = signer_.sign("GET", "/bucket/key", client, batch);
    if (!signed_lines.is_ok()) return signed_lines.failure().text;
    for (const std::string &text : signed_lines.value()) {
      if (text.starts_with(begin)) return text;
    }
    return {};
  }

  SetClock clock_;
  OneSource source_;
  RequestSigner signer_{{"eu-central-1", "s3.example"}, source_, clock_};
};

TEST_F(RequestSignerTest, without_credentials_nothing_is_signed) {
  const auto answer = signer_.sign("GET", "/key", {}, {});
  ASSERT_FALSE(answer.is_ok());
  EXPECT_EQ(answer.failure().status, Status::no_credentials);
}

TEST_F(RequestSignerTest, the_date_is_that_of_the_moment) {
  source_.give("AKID");
  EXPECT_EQ(line("x-amz-date"), "x-amz-date: 20130524T000000Z");
  const std::string first = line("Authorization");
  clock_.at += std::chrono::hours(25);
  EXPECT_EQ(line("x-amz-date"), "x-amz-date: 20130525T010000Z");
  EXPECT_NE(line("Authorization"), first);
}

TEST_F(RequestSignerTest, the_credentials_are_those_of_the_moment) {
  source_.give("AKIDFIRST");
  EXPECT_NE(line("Authorization").find("Credential=AKIDFIRST/20130524/eu-central-1/s3/"), std::string::npos);
  source_.give("AKIDSECOND");
  EXPECT_NE(line("Authorization").find("Credential=AKIDSECOND/"), std::string::npos);
}

TEST_F(RequestSignerTest, headers_of_amazon_are_signed_whoever_sets_them) {
  source_.give("AKID");
  const std::string text = line("Authorization", {"x-amz-request-payer: requester", "Accept: a"},
                                {"X-Amz-Expected-Bucket-Owner: 1", "traceparent: t"});
  EXPECT_NE(text.find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-expected-bucket-owner;"
                      "x-amz-request-payer,"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace octo
