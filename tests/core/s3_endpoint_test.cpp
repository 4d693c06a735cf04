// Which host an s3:// URL leads to, how it is addressed, and which bucket names, regions and endpoints are refused.
#include "base/s3_endpoint.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace octo {
namespace {

constexpr auto kAuto = S3Addressing::automatic;
constexpr auto kVirtual = S3Addressing::virtual_host;
constexpr auto kPath = S3Addressing::path;

S3Endpoint resolved(std::string_view url, const S3EndpointOptions &options) {
  auto endpoint = resolve_s3_endpoint(url, options);
  EXPECT_TRUE(endpoint.is_ok()) << url << ": " << (endpoint.is_ok() ? "" : endpoint.failure().text);
  return endpoint.is_ok() ? endpoint.value() : S3Endpoint{};
}

// The whole URL below which keys are fetched.
std::string base_of(std::string_view url, const S3EndpointOptions &options) {
  const S3Endpoint endpoint = resolved(url, options);
  return endpoint.origin.authority + endpoint.origin.base_path;
}

std::string refusal_of(std::string_view url, const S3EndpointOptions &options) {
  const auto endpoint = resolve_s3_endpoint(url, options);
  if (endpoint.is_ok()) return "";
  EXPECT_EQ(endpoint.failure().status, Status::invalid_argument);
  return endpoint.failure().text;
}

void expect_refusal(std::string_view url, const S3EndpointOptions &options, std::string_view part,
                    std::string_view why) {
  const std::string text = refusal_of(url, options);
  EXPECT_TRUE(text.starts_with(part)) << url << ": " << text;
  EXPECT_NE(text.find(why), std::string::npos) << url << ": " << text;
}

TEST(S3Endpoint, is_a_virtual_host_of_the_region) {
  const S3Endpoint endpoint = resolved("s3://photos/thumbs/", {.region = "eu-central-1"});
  EXPECT_TRUE(endpoint.origin.secure);
  EXPECT_EQ(endpoint.origin.host, "photos.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(endpoint.origin.port, 443);
  EXPECT_EQ(endpoint.origin.authority, "https://photos.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(endpoint.origin.base_path, "/thumbs");
  EXPECT_EQ(endpoint.host_header, "photos.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(endpoint.bucket, "photos");
  EXPECT_EQ(endpoint.region, "eu-central-1");
  EXPECT_EQ(endpoint.addressing, kVirtual);
}

TEST(S3Endpoint, is_a_path_of_the_region_where_asked) {
  const S3Endpoint endpoint = resolved("s3://photos/thumbs", {.region = "us-east-1", .addressing = kPath});
  EXPECT_EQ(endpoint.origin.host, "s3.us-east-1.amazonaws.com");
  EXPECT_EQ(endpoint.origin.base_path, "/photos/thumbs");
  EXPECT_EQ(endpoint.host_header, "s3.us-east-1.amazonaws.com");
  EXPECT_EQ(endpoint.addressing, kPath);
}

TEST(S3Endpoint, keeps_dotted_buckets_off_wildcard_certificates) {
  EXPECT_EQ(base_of("s3://my.photos", {.region = "eu-west-1"}), "https://s3.eu-west-1.amazonaws.com/my.photos");
  EXPECT_EQ(base_of("s3://my.photos", {.endpoint = "http://store.example"}), "http://my.photos.store.example");
  expect_refusal("s3://my.photos", {.region = "eu-west-1", .addressing = kVirtual}, "s3.addressing",
                 "wildcard certificate");
}

TEST(S3Endpoint, knows_partitions_and_dual_stack) {
  const auto host = [](std::string_view region, bool dual_stack) {
    return resolved("s3://abc", {.region = region, .dual_stack = dual_stack}).origin.host;
  };
  EXPECT_EQ(host("us-gov-west-1", false), "abc.s3.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(host("us-gov-west-1", true), "abc.s3.dualstack.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(host("cn-north-1", false), "abc.s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(host("cn-northwest-1", true), "abc.s3.dualstack.cn-northwest-1.amazonaws.com.cn");
  EXPECT_EQ(host("eusc-de-east-1", false), "abc.s3.eusc-de-east-1.amazonaws.eu");
  EXPECT_EQ(host("us-isob-east-1", false), "abc.s3.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(host("us-iso-east-1", false), "abc.s3.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(host("ap-southeast-3", true), "abc.s3.dualstack.ap-southeast-3.amazonaws.com");
  EXPECT_EQ(base_of("s3://a.b.c", {.region = "eu-west-1", .dual_stack = true}),
            "https://s3.dualstack.eu-west-1.amazonaws.com/a.b.c");
  expect_refusal("s3://abc", {.region = "us-iso-east-1", .dual_stack = true}, "s3.region", "s3.dual_stack=false");
}

struct AddressingRow {
  std::string_view endpoint;
  S3Addressing wanted;
  std::string_view base;
  std::string_view host;
  std::string_view host_header;
};

void PrintTo(const AddressingRow &row, std::ostream *out) { *out << row.endpoint; }

class S3Addresses : public testing::TestWithParam<AddressingRow> {};

TEST_P(S3Addresses, go_below_the_endpoint) {
  const AddressingRow &row = GetParam();
  const S3Endpoint endpoint = resolved("s3://abc/p", {.endpoint = row.endpoint, .addressing = row.wanted});
  EXPECT_EQ(endpoint.origin.authority + endpoint.origin.base_path, row.base);
  EXPECT_EQ(endpoint.origin.host, row.host);
  EXPECT_EQ(endpoint.host_header, row.host_header);
  EXPECT_EQ(endpoint.region, "us-east-1");
}

INSTANTIATE_TEST_SUITE_P(
    Endpoints, S3Addresses,
    testing::Values(
        AddressingRow{"https://store.example", kAuto, "https://abc.store.example/p", "abc.store.example",
                      "abc.store.example"},
        AddressingRow{"https://Store.example:443/", kAuto, "https://abc.store.example/p", "abc.store.example",
                      "abc.store.example"},
        AddressingRow{"http://store.example:9000", kAuto, "http://abc.store.example:9000/p", "abc.store.example",
                      "abc.store.example:9000"},
        AddressingRow{"https://store.example:9000", kPath, "https://store.example:9000/abc/p", "store.example",
                      "store.example:9000"},
        AddressingRow{"http://127.0.0.1:9000", kAuto, "http://127.0.0.1:9000/abc/p", "127.0.0.1", "127.0.0.1:9000"},
        AddressingRow{"https://[::1]:9000", kAuto, "https://[::1]:9000/abc/p", "::1", "[::1]:9000"},
        AddressingRow{"http://localhost", kAuto, "http://localhost/abc/p", "localhost", "localhost"},
        AddressingRow{"http://s3.localhost:80", kAuto, "http://s3.localhost/abc/p", "s3.localhost", "s3.localhost"},
        AddressingRow{"http://minio:9000", kAuto, "http://minio:9000/abc/p", "minio", "minio:9000"},
        AddressingRow{"http://store.example.", kAuto, "http://abc.store.example./p", "abc.store.example.",
                      "abc.store.example."}));

TEST(S3Endpoint, refuses_virtual_hosts_that_cannot_resolve) {
  for (const std::string_view host : {"127.0.0.1", "[::1]:9000", "localhost:9000", "minio"}) {
    const std::string endpoint = "http://" + std::string(host);
    expect_refusal("s3://abc", {.endpoint = endpoint, .addressing = kVirtual}, "s3.addressing", "write path or auto");
  }
}

TEST(S3Endpoint, takes_the_regions_of_other_stores_with_an_endpoint) {
  for (const std::string_view region : {"auto", "RegionOne", "garage", "fr_par", "eu-central-1"}) {
    EXPECT_EQ(resolved("s3://abc", {.region = region, .endpoint = "https://store.example"}).region, region);
  }
  expect_refusal("s3://abc", {.region = "eu/west", .endpoint = "https://store.example"}, "s3.region",
                 "other characters");
}

TEST(S3Endpoint, has_a_literal_prefix) {
  const S3EndpointOptions options = {.region = "eu-west-1"};
  const auto base_path = [&](std::string_view url) { return resolved(url, options).origin.base_path; };
  EXPECT_EQ(base_path("s3://abc"), "");
  EXPECT_EQ(base_path("s3://abc/"), "");
  EXPECT_EQ(base_path("S3://abc//"), "");
  EXPECT_EQ(base_path("s3://abc//x"), "//x");
  EXPECT_EQ(base_path("s3://abc/a b/%20+=@:/\xc3\xa4"), "/a%20b/%2520%2B%3D%40%3A/%C3%A4");
  EXPECT_EQ(base_path("s3://abc/%2e%2e"), "/%252e%252e");
  EXPECT_EQ(base_path("s3://abc/" + std::string(1022, 'p')).size(), 1023u);
}

TEST(S3Endpoint, refuses_urls_that_are_no_bucket_and_prefix) {
  const S3EndpointOptions options = {.region = "eu-west-1"};
  expect_refusal("https://abc", options, "url 'https://abc'", "write s3://bucket/prefix");
  expect_refusal("s3:/abc", options, "url", "write s3://bucket/prefix");
  expect_refusal("", options, "url", "write s3://bucket/prefix");
  expect_refusal("s3://", options, "url", "no bucket");
  expect_refusal("s3:///key", options, "url", "no bucket");
  expect_refusal("s3://abc/p?versionId=1", options, "url", "query");
  expect_refusal("s3://abc#x", options, "url", "fragment");
  expect_refusal("s3://abc/a/../b", options, "url", "'..'");
  expect_refusal("s3://abc/.", options, "url", "'.'");
  expect_refusal("s3://abc/" + std::string(1023, 'p'), options, "url", "prefix of 1023 bytes; at most 1022");
  expect_refusal("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/a", options, "bucket", "alias");
}

TEST(S3Endpoint, never_repeats_a_password) {
  const std::string text = refusal_of("s3://AKID:hunter2@abc/p?hunter2", {.region = "eu-west-1"});
  EXPECT_NE(text.find("set credentials or s3.endpoint"), std::string::npos) << text;
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  const std::string endpoint = refusal_of("s3://abc", {.endpoint = "https://AKID:hunter2@store.example"});
  EXPECT_TRUE(endpoint.starts_with("s3.endpoint")) << endpoint;
  EXPECT_EQ(endpoint.find("hunter2"), std::string::npos) << endpoint;
}

TEST(S3Endpoint, refuses_names_that_are_no_buckets) {
  const S3EndpointOptions options = {.region = "eu-west-1"};
  const auto refuses = [&](const std::string &bucket, std::string_view why) {
    expect_refusal("s3://" + bucket + "/p", options, "bucket '" + bucket.substr(0, 3), why);
  };
  refuses("ab", "has 2 bytes; a bucket name has 3 to 63");
  refuses(std::string(64, 'a'), "has 64 bytes; a bucket name has 3 to 63");
  refuses("Photos", "upper-case");
  refuses("my_photos", "other characters");
  refuses("pho\ntos", "other characters");
  expect_refusal("s3://abc:80/p", options, "url", "set credentials or s3.endpoint");
  refuses("-photos", "begin and end");
  refuses("photos-", "begin and end");
  refuses(".photos", "begin and end");
  refuses("photos.", "begin and end");
  refuses("my..photos", "two dots");
  refuses("192.0.2.4", "IP address");
  refuses("xn--photos", "xn--");
  refuses("photos--use1-az4--x-s3", "directory bucket");
  refuses("mfzwi23gnjvgw.mrap", "Multi-Region Access Point");
  refuses("photos--table-s3", "table bucket");
  for (const std::string &bucket : {std::string("abc"), std::string(63, 'a'), std::string("1.2.3"), std::string("a--b"),
                                    std::string("points-abc-s3alias")}) {
    EXPECT_EQ(resolved("s3://" + bucket, options).bucket, bucket);
  }
}

TEST(S3Endpoint, refuses_regions_that_are_none) {
  expect_refusal("s3://abc", {}, "s3.region is not set", "eu-central-1");
  for (const std::string_view region : {"auto", "eu-central", "EU-central-1", "eu-central-1.evil.example", "-a-1",
                                        "aws-global", "eu-central-1/", "us east 1"}) {
    expect_refusal("s3://abc", {.region = region}, "s3.region", "no region of Amazon's");
  }
  const std::string long_region = "eu-" + std::string(60, 'x') + "-1";
  expect_refusal("s3://abc", {.region = long_region}, "s3.region", "has 65 bytes; at most 63");
}

TEST(S3Endpoint, refuses_endpoints_that_are_more_than_a_host) {
  expect_refusal("s3://abc", {.endpoint = "http://127.1"}, "s3.endpoint", "four decimal numbers");
  expect_refusal("s3://abc", {.endpoint = "https://store.example/base"}, "s3.endpoint", "has a path");
  expect_refusal("s3://abc", {.endpoint = "store.example"}, "s3.endpoint", "no http or https URL");
  expect_refusal("s3://abc", {.endpoint = "https://store.example:0"}, "s3.endpoint", "port");
  expect_refusal("s3://abc", {.endpoint = "https://store.example?x"}, "s3.endpoint", "query");
  expect_refusal("s3://abc", {.endpoint = "https://store.example", .dual_stack = true}, "s3.endpoint", "dual_stack");
}

TEST(S3Endpoint, never_repeats_what_may_be_a_password) {
  for (const char *url :
       {"s3://EXAMPLE:hunter2@photos", "s3://EXAMPLE:hun/ter2@photos?x", "s4://EXAMPLE:hunter2@photos"}) {
    const std::string text = refusal_of(url, {.region = "eu-central-1"});
    EXPECT_FALSE(text.empty()) << url;
    EXPECT_EQ(text.find("hun"), std::string::npos) << text;
  }
  const std::string endpoint =
      refusal_of("s3://photos", {.endpoint = "https://user:hunter2@minio.example", .dual_stack = true});
  EXPECT_EQ(endpoint.find("hunter2"), std::string::npos) << endpoint;
}

}  // namespace
}  // namespace octo
