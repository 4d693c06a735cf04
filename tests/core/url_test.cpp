// The origin's URL and how keys become targets below it: a key never leaves its origin.
#include "base/url.hpp"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <random>

namespace octo {
namespace {

TEST(Url, takes_hosts_ports_addresses_and_base_paths) {
  const auto plain = parse_origin_url("http://Images.Example/thumbs/");
  ASSERT_TRUE(plain.is_ok());
  EXPECT_EQ(plain.value().host, "images.example");
  EXPECT_EQ(plain.value().port, 80);
  EXPECT_EQ(plain.value().authority, "http://images.example");
  EXPECT_EQ(plain.value().base_path, "/thumbs");
  const auto v6 = parse_origin_url("https://[::1]:8443");
  ASSERT_TRUE(v6.is_ok());
  EXPECT_EQ(v6.value().host, "::1");
  EXPECT_EQ(v6.value().port, 8443);
  EXPECT_EQ(v6.value().authority, "https://[::1]:8443");
  EXPECT_EQ(v6.value().base_path, "");
}

TEST(Url, row_56_refuses_what_is_no_origin_and_says_why) {
  for (const char *url : {"",
                          "images.example",
                          "file:///etc/passwd",
                          "ftp://host/",
                          "http://",
                          "http:///a",
                          "http://user:pass@host/",
                          "http://host:0/",
                          "http://host:65536/",
                          "http://host:80x/",
                          "http://[::1/",
                          "http://ho st/",
                          "http://h\xc3\xa4/",
                          "http://host/a?b",
                          "http://host/a#b",
                          "http://host/a b",
                          "http://host/%zz",
                          "http://host/../a",
                          "http://host/%2e%2E/a",
                          "http://[example]/"}) {
    const auto parsed = parse_origin_url(url);
    ASSERT_FALSE(parsed.is_ok()) << url;
    EXPECT_EQ(parsed.failure().status, Status::invalid_argument) << url;
    EXPECT_NE(parsed.failure().text.find("url"), std::string::npos) << parsed.failure().text;
  }
}

TEST(Url, never_repeats_a_password) {
  const auto parsed = parse_origin_url("http://user:hunter2@host/");
  ASSERT_FALSE(parsed.is_ok());
  EXPECT_EQ(parsed.failure().text.find("hunter2"), std::string::npos) << parsed.failure().text;
}

TEST(Url, writes_an_address_in_the_one_form_that_libcurl_sends) {
  for (const char *url : {"http://[0:0:0:0:0:0:0:1]/", "http://[::0001]/", "http://[::0.0.0.1]/"}) {
    const auto parsed = parse_origin_url(url);
    ASSERT_TRUE(parsed.is_ok()) << url;
    EXPECT_EQ(parsed.value().host, "::1");
    EXPECT_EQ(parsed.value().authority, "http://[::1]");
  }
}

TEST(Url, refuses_numbers_that_resolvers_take_for_another_address) {
  for (const char *url : {"http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
                          "http://127.0.0.1./", "http://1.2.3.256/"}) {
    const auto parsed = parse_origin_url(url);
    ASSERT_FALSE(parsed.is_ok()) << url;
    EXPECT_NE(parsed.failure().text.find("IPv4"), std::string::npos) << parsed.failure().text;
  }
  for (const char *url : {"http://127.0.0.1/", "http://web.1/", "http://1.example/", "http://0x/"}) {
    EXPECT_TRUE(parse_origin_url(url).is_ok()) << url;
  }
}

TEST(Url, never_repeats_what_may_be_a_password) {
  for (const char *url : {"http://user:hunter2/hunter3@host/", "http://user:80?hunter2@host/",
                          "http://us er:hunter2/@host", "httpx://user:hunter2@host/", "//user:hunter2@host/",
                          "user:hunter2@host", "user:hunter2@a://b", "user:hunter2://a@b"}) {
    const auto parsed = parse_origin_url(url);
    ASSERT_FALSE(parsed.is_ok()) << url;
    EXPECT_EQ(parsed.failure().text.find("hunter"), std::string::npos) << parsed.failure().text;
  }
  EXPECT_NE(parse_origin_url("http://host/@scope/a b").failure().text.find("@scope"), std::string::npos);
}

TEST(Url, row_55_encodes_every_byte_that_is_not_unreserved) {
  const auto target = [](std::string_view key) { return encode_target("/base", key, false).value(); };
  EXPECT_EQ(target("a b?c#d%e+f"), "/base/a%20b%3Fc%23d%25e%2Bf");
  EXPECT_EQ(target("/a//b"), "/base//a//b");
  EXPECT_EQ(target(std::string_view("a\0\r\n\x7f\xff", 6)), "/base/a%00%0D%0A%7F%FF");
  EXPECT_EQ(target("@host:80"), "/base/%40host%3A80");
}

TEST(Url, row_55_refuses_empty_long_and_dotted_keys) {
  for (const std::string &key :
       {std::string(), std::string(1025, 'a'), std::string("."), std::string(".."), std::string("a/../b"),
        std::string("a/%2e%2E"), std::string("..%2fb/.."), std::string("./a")}) {
    const auto target = encode_target("", key, false);
    ASSERT_FALSE(target.is_ok()) << key;
    EXPECT_EQ(target.failure().status, Status::invalid_key);
  }
  EXPECT_TRUE(encode_target("", std::string(1024, 'a'), false).is_ok());
  EXPECT_TRUE(encode_target("", "a/../b", true).is_ok());
  EXPECT_TRUE(encode_target("", "...", false).is_ok());
}

// Whatever bytes a key has, libcurl reads the configured host out of the URL.
TEST(Url, a_random_key_never_changes_the_host) {
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string key(1 + random() % 40, '\0');
    for (char &byte : key) byte = random() % 3 == 0 ? "/@:?#\\.%["[random() % 9] : static_cast<char>(random());
    const auto target = encode_target("/base", key, true);
    ASSERT_TRUE(target.is_ok());
    CURLU *parsed = ::curl_url();
    char *host = nullptr;
    EXPECT_EQ(
        ::curl_url_set(parsed, CURLUPART_URL, ("http://origin.test:81" + target.value()).c_str(), CURLU_PATH_AS_IS),
        CURLUE_OK);
    EXPECT_EQ(::curl_url_get(parsed, CURLUPART_HOST, &host, 0), CURLUE_OK);
    EXPECT_STREQ(host, "origin.test");
    ::curl_free(host);
    ::curl_url_cleanup(parsed);
  }
}

}  // namespace
}  // namespace octo
