// The canonical form of requests: what is sorted, trimmed and encoded, and what is left as it is.
#include "auth/canonical_request.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "auth/digest.hpp"
#include "base/url.hpp"

namespace octo {
namespace {

std::string text_of(std::string_view target, const std::vector<HeaderField> &fields) {
  return canonical_request("GET", target, fields, kEmptyPayloadSha256).text;
}

TEST(CanonicalRequest, is_that_of_the_s3_documentation) {
  const auto request = canonical_request("GET", "/test.txt",
                                         std::vector<HeaderField>{{"Host", "examplebucket.s3.amazonaws.com"},
                                                                  {"Range", "bytes=0-9"},
                                                                  {"x-amz-content-sha256", kEmptyPayloadSha256},
                                                                  {"x-amz-date", "20130524T000000Z"}},
                                         kEmptyPayloadSha256);
  EXPECT_EQ(request.text,
            "GET\n"
            "/test.txt\n"
            "\n"
            "host:examplebucket.s3.amazonaws.com\n"
            "range:bytes=0-9\n"
            "x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-date:20130524T000000Z\n"
            "\n"
            "host;range;x-amz-content-sha256;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(*sha256(request.text)), "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
  EXPECT_EQ(hex(*sha256("")), kEmptyPayloadSha256);
}

TEST(CanonicalRequest, keeps_the_path_of_the_wire) {
  for (const std::string_view path : {"/", "//", "/a//b/", "/./a/../b", "/%2E%2e/%2f", "/a%20b%2Bc", "/~-._"}) {
    EXPECT_TRUE(text_of(path, {}).starts_with("GET\n" + std::string(path) + "\n\n")) << path;
    EXPECT_TRUE(text_of(std::string(path) + "?b&a", {}).starts_with("GET\n" + std::string(path) + "\na=&b=\n")) << path;
  }
}

// Written independently of the encoder: S3 decodes the path once and must find the key.
TEST(CanonicalRequest, has_each_byte_of_a_key_encoded_once) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string key = {'k', static_cast<char>(byte), 'k'};
    const bool is_plain =
        std::isalnum(byte) != 0 ||
        (byte != 0 && std::string_view("-._~/").find(static_cast<char>(byte)) != std::string_view::npos);
    char expected[16];
    if (is_plain)
      std::snprintf(expected, sizeof expected, "/k%ck\n", byte);
    else
      std::snprintf(expected, sizeof expected, "/k%%%02Xk\n", static_cast<unsigned>(byte));
    const auto target = encode_target("", key, true);
    ASSERT_TRUE(target.is_ok());
    EXPECT_TRUE(text_of(target.value(), {}).starts_with("GET\n" + std::string(expected))) << byte;
  }
}

TEST(CanonicalRequest, trims_collapses_and_merges_fields) {
  const std::string text = text_of("/", {{"X-Amz-B", "\t 1  2 \t 3 "},
                                         {"x-amz-a", " a,  \"b   c\""},
                                         {"X-AMZ-a", ""},
                                         {"x-amz-c", "   "},
                                         {"X-Amz-Meta", "M\xc3\xa4rz"}});
  EXPECT_EQ(text,
            "GET\n/\n\nx-amz-a:a, \"b c\",\nx-amz-b:1 2 3\nx-amz-c:\nx-amz-meta:M\xc3\xa4rz\n\n"
            "x-amz-a;x-amz-b;x-amz-c;x-amz-meta\n" +
                std::string(kEmptyPayloadSha256));
}

TEST(CanonicalRequest, chooses_the_lines_that_s3_demands) {
  const std::vector<std::string> lines = {"X-Amz-Meta-A: 1", "traceparent: 00-a-b-01", "x-amz-request-payer;",
                                          "x-amz",           "Accept: x-amz-a",        "x-amz-checksum-mode:ENABLED:;"};
  const auto fields = fields_to_sign(lines);
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].name, "X-Amz-Meta-A");
  EXPECT_EQ(fields[0].value, " 1");
  EXPECT_EQ(fields[1].name, "x-amz-request-payer");
  EXPECT_EQ(fields[1].value, "");
  EXPECT_EQ(fields[2].value, "ENABLED:;");
}

TEST(CanonicalQuery, sorts_by_encoded_name_then_value) {
  EXPECT_EQ(canonical_query(""), "");
  EXPECT_EQ(canonical_query("lifecycle"), "lifecycle=");
  EXPECT_EQ(canonical_query("b=2&a=1&B=0&a=0"), "B=0&a=0&a=1&b=2");
  EXPECT_EQ(canonical_query("a-b=1&a=2"), "a=2&a-b=1");
  EXPECT_EQ(canonical_query("a%2Db=1&%61=2"), "a=2&a-b=1");
  EXPECT_EQ(canonical_query("&&a=1&"), "a=1");
  EXPECT_EQ(canonical_query("a=b=c"), "a=b%3Dc");
  EXPECT_EQ(canonical_query("=v"), "=v");
}

TEST(CanonicalQuery, encodes_each_byte_once) {
  EXPECT_EQ(canonical_query("p=a+b"), "p=a%2Bb");
  EXPECT_EQ(canonical_query("p=%2b%7e%2F/:@"), "p=%2B~%2F%2F%3A%40");
  EXPECT_EQ(canonical_query("p=100%"), "p=100%25");
  EXPECT_EQ(canonical_query("p=%4"), "p=%254");
  EXPECT_EQ(canonical_query("p=%zz%"), "p=%25zz%25");
  EXPECT_EQ(canonical_query("p=%00%26"), "p=%00%26");
}

// Decodes what the encoder may produce, and nothing else.
std::string strictly_decoded(const std::string &text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      RC_ASSERT(std::isalnum(static_cast<unsigned char>(text[i])) != 0 ||
                std::string_view("-._~/").find(text[i]) != std::string_view::npos);
      bytes.push_back(text[i]);
      continue;
    }
    RC_ASSERT(i + 2 < text.size());
    const std::string digits = text.substr(i + 1, 2);
    RC_ASSERT(digits.find_first_not_of("0123456789ABCDEF") == std::string::npos);
    bytes.push_back(static_cast<char>(std::stoi(digits, nullptr, 16)));
    i += 2;
  }
  return bytes;
}

RC_GTEST_PROP(CanonicalRequestProperty, any_key_comes_back_from_its_path, (const std::string &key)) {
  std::string encoded;
  percent_encode(key, true, encoded);
  RC_ASSERT(strictly_decoded(encoded) == key);
}

RC_GTEST_PROP(CanonicalRequestProperty, any_parameter_comes_back_from_its_query,
              (const std::string &name, const std::string &value)) {
  std::string raw;
  percent_encode(name, false, raw);
  raw.push_back('=');
  percent_encode(value, false, raw);
  const std::string query = canonical_query(raw);
  const std::size_t equals = query.find('=');
  RC_ASSERT(equals != std::string::npos);
  RC_ASSERT(strictly_decoded(query.substr(0, equals)) == name);
  RC_ASSERT(strictly_decoded(query.substr(equals + 1)) == value);
}

RC_GTEST_PROP(CanonicalRequestProperty, a_canonical_query_is_canonical, (const std::string &query)) {
  const std::string once = canonical_query(query);
  RC_ASSERT(canonical_query(once) == once);
  RC_ASSERT(is_url_query(once));
}

RC_GTEST_PROP(CanonicalRequestProperty, the_order_of_parameters_does_not_matter, (std::vector<std::string> names)) {
  const auto joined = [&] {
    std::string query;
    for (const std::string &name : names) {
      if (!query.empty()) query.push_back('&');
      percent_encode(name, false, query);
      query.append("=x");
    }
    return canonical_query(query);
  };
  const std::string query = joined();
  std::reverse(names.begin(), names.end());
  RC_ASSERT(joined() == query);
}

}  // namespace
}  // namespace octo
