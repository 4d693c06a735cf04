// Signatures against those that AWS publishes, and the moments and credentials they are made with.
#include "auth/sigv4.hpp"

#include <gtest/gtest.h>

#include "base/url.hpp"
#include "core/auth_sigv4_vectors.hpp"

namespace octo {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds kMay2013{seconds{1'369'353'600}};  // 2013-05-24T00:00:00Z

Credentials credentials_of(std::string_view id, std::string_view secret, std::string_view token = {}) {
  auto made = make_credentials({id, secret, token, {}});
  EXPECT_TRUE(made.is_ok());
  return std::move(made.value());
}

// Of the examples in "Authenticating Requests (AWS Signature Version 4)" of the S3 API reference.
Credentials s3_credentials(std::string_view token = {}) {
  return credentials_of("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", token);
}

std::string signature_of(std::string_view authorization) {
  const std::size_t at = authorization.find("Signature=");
  return at == std::string_view::npos ? "" : std::string(authorization.substr(at + 10));
}

std::string s3_signature(std::string_view target, std::vector<HeaderField> fields, sys_seconds now = kMay2013,
                         seconds offset = seconds{0}) {
  Signer signer("us-east-1");
  const auto lines =
      signer.sign({"GET", "examplebucket.s3.amazonaws.com", target, fields}, s3_credentials(), now, offset);
  return lines.is_ok() ? signature_of(lines.value().at(0)) : lines.failure().text;
}

TEST(Sigv4, signs_the_vectors_of_the_official_suite) {
  namespace suite = sigv4_vectors;
  Signer signer{std::string(suite::kRegion), std::string(suite::kService)};
  const Credentials credentials = credentials_of(suite::kAccessKeyId, suite::kSecretAccessKey);
  for (const suite::Vector &vector : suite::kVectors) {
    std::string target;
    percent_encode(vector.path, true, target);
    if (!vector.query.empty()) target.append("?").append(vector.query);
    std::vector<HeaderField> fields = vector.fields;
    fields.push_back({"Host", suite::kHost});
    fields.push_back({"X-Amz-Date", suite::kDateTime});
    const auto canonical = canonical_request("GET", target, fields, kEmptyPayloadSha256);
    const auto value = signer.authorization(canonical, credentials, suite::kDateTime);
    ASSERT_TRUE(value.is_ok());
    EXPECT_EQ(value.value(),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=" +
                  std::string(vector.signed_headers) + ", Signature=" + std::string(vector.signature))
        << vector.name << "\n"
        << canonical.text;
  }
}

TEST(Sigv4, signs_the_examples_of_the_s3_documentation) {
  EXPECT_EQ(s3_signature("/test.txt", {{"Range", "bytes=0-9"}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(s3_signature("/?lifecycle", {}), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(s3_signature("/?prefix=J&max-keys=2", {}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Sigv4, adds_four_lines_for_temporary_credentials_and_three_for_others) {
  Signer signer("us-east-1");
  const SignableRequest request{"HEAD", "b.example", "/a", {}};
  const auto lines = signer.sign(request, s3_credentials("token+/="), kMay2013, seconds{0});
  ASSERT_TRUE(lines.is_ok());
  ASSERT_EQ(lines.value().size(), 4u);
  EXPECT_TRUE(lines.value()[0].starts_with(
      "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="))
      << lines.value()[0];
  EXPECT_EQ(lines.value()[1], "x-amz-content-sha256: " + std::string(kEmptyPayloadSha256));
  EXPECT_EQ(lines.value()[2], "x-amz-date: 20130524T000000Z");
  EXPECT_EQ(lines.value()[3], "x-amz-security-token: token+/=");
  const auto permanent = signer.sign(request, s3_credentials(), kMay2013, seconds{0});
  ASSERT_TRUE(permanent.is_ok());
  EXPECT_EQ(permanent.value().size(), 3u);
}

TEST(Sigv4, every_part_of_a_request_changes_its_signature) {
  Signer signer("us-east-1");
  const auto sign = [&](const SignableRequest &request) {
    return signature_of(signer.sign(request, s3_credentials(), kMay2013, seconds{0}).value()[0]);
  };
  const std::string plain = sign({"GET", "b.example", "/a", {}});
  const std::vector<HeaderField> fields = {{"x-amz-meta-a", "1"}};
  EXPECT_EQ(sign({"GET", "b.example", "/a", {}}), plain);
  EXPECT_NE(sign({"HEAD", "b.example", "/a", {}}), plain);
  EXPECT_NE(sign({"GET", "b.example:9000", "/a", {}}), plain);
  EXPECT_NE(sign({"GET", "b.example", "/A", {}}), plain);
  EXPECT_NE(sign({"GET", "b.example", "/a?versionId=1", {}}), plain);
  EXPECT_NE(sign({"GET", "b.example", "/a", fields}), plain);
}

TEST(Sigv4, signs_with_the_origins_time) {
  const std::string signature = s3_signature("/test.txt", {{"Range", "bytes=0-9"}});
  EXPECT_EQ(s3_signature("/test.txt", {{"Range", "bytes=0-9"}}, kMay2013 - seconds{7200}, seconds{7200}), signature);
  EXPECT_EQ(s3_signature("/test.txt", {{"Range", "bytes=0-9"}}, kMay2013 + seconds{1}, seconds{-1}), signature);
  EXPECT_NE(s3_signature("/test.txt", {{"Range", "bytes=0-9"}}, kMay2013, seconds{1}), signature);
}

TEST(Sigv4, writes_times_in_the_basic_format) {
  const auto at = [](std::int64_t epoch) { return amz_date(sys_seconds{seconds{epoch}}); };
  EXPECT_EQ(at(0), "19700101T000000Z");
  EXPECT_EQ(at(951'827'696), "20000229T123456Z");
  EXPECT_EQ(at(1'440'938'160), "20150830T123600Z");
  EXPECT_EQ(at(4'107'542'399), "21000228T235959Z");
  EXPECT_EQ(at(4'107'542'400), "21000301T000000Z");
  EXPECT_EQ(at(253'402'300'799), "99991231T235959Z");
  EXPECT_EQ(at(253'402'300'800), "");
  EXPECT_EQ(at(-1), "");
}

TEST(Sigv4, refuses_a_clock_that_shows_no_date) {
  Signer signer("us-east-1");
  const SignableRequest request{"GET", "b.example", "/a", {}};
  for (const auto &[now, offset] : {std::pair{sys_seconds::max(), seconds{1}},
                                    std::pair{sys_seconds::min(), seconds{-1}}, std::pair{kMay2013, seconds::max()},
                                    std::pair{kMay2013, seconds::min()}, std::pair{sys_seconds{}, seconds{-1}}}) {
    const auto lines = signer.sign(request, s3_credentials(), now, offset);
    ASSERT_FALSE(lines.is_ok());
    EXPECT_EQ(lines.failure().status, Status::local_resource);
    EXPECT_NE(lines.failure().text.find("clock"), std::string::npos);
  }
}

// "Deriving the signing key", with the example values of the AWS General Reference.
TEST(SigningKeys, derives_the_documented_key) {
  const auto key = derive_signing_key("20150830", "us-east-1", "iam", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  ASSERT_TRUE(key);
  EXPECT_EQ(hex(*key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST(SigningKeys, finds_a_key_again_and_keeps_apart_what_differs) {
  SigningKeys keys;
  const Credentials first = credentials_of("ID", "secret");
  const Credentials same_id = credentials_of("ID", "corrected");
  const Digest *const key = keys.find_or_derive("20150830", "us-east-1", "s3", first);
  ASSERT_NE(key, nullptr);
  const Digest value = *key;
  EXPECT_EQ(keys.find_or_derive("20150830", "us-east-1", "s3", credentials_of("ID", "secret")), key);
  EXPECT_NE(*keys.find_or_derive("20150831", "us-east-1", "s3", first), value);
  EXPECT_NE(*keys.find_or_derive("20150830", "us-east-2", "s3", first), value);
  EXPECT_NE(*keys.find_or_derive("20150830", "us-east-1", "s3", same_id), value);
  EXPECT_EQ(keys.find_or_derive("20150830", "us-east-1", "s3", first), key);
}

TEST(SigningKeys, derives_anew_what_had_to_make_room) {
  SigningKeys keys;
  const Credentials credentials = credentials_of("ID", "secret");
  const Digest first = *keys.find_or_derive("20150801", "us-east-1", "s3", credentials);
  for (const std::string_view date : {"20150802", "20150803", "20150804", "20150805", "20150806"}) {
    const Digest later = *keys.find_or_derive(date, "us-east-1", "s3", credentials);
    EXPECT_EQ(later, *derive_signing_key(date, "us-east-1", "s3", "secret"));
  }
  EXPECT_EQ(*keys.find_or_derive("20150801", "us-east-1", "s3", credentials), first);
}

}  // namespace
}  // namespace octo
