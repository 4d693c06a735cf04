// Signatures that others computed: the official test suite of Signature Version 4, as far as S3 signs so.
//
// From github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite/v4, the header-signed requests;
// get-vanilla-query-order-value from the older distribution of the suite. All are signed with the suite's example
// credentials for us-east-1, "service", at 2015-08-30T12:36:00Z, and have host and x-amz-date among their fields.
//
// Left out, for what they test is not part of this signer: *-normalized (S3 resolves no dot segments and merges no
// slashes), get-header-value-multiline (a folded line cannot be sent), post-* (GET and HEAD alone), the query-signed
// forms (presigned URLs), v4a (another algorithm).
#pragma once

#include <string_view>
#include <vector>

#include "auth/canonical_request.hpp"

namespace octo::sigv4_vectors {

inline constexpr std::string_view kAccessKeyId = "AKIDEXAMPLE";
inline constexpr std::string_view kSecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
inline constexpr std::string_view kRegion = "us-east-1";
inline constexpr std::string_view kService = "service";
inline constexpr std::string_view kHost = "example.amazonaws.com";
inline constexpr std::string_view kDateTime = "20150830T123600Z";
inline constexpr std::string_view kDefaultHeaders = "host;x-amz-date";

struct Vector {
  std::string_view name;
  std::string_view path;  // before it is encoded
  std::string_view query;
  std::vector<HeaderField> fields;
  std::string_view signed_headers;
  std::string_view signature;
};

inline const std::vector<Vector> kVectors = {
    {"get-vanilla", "/", "", {}, kDefaultHeaders, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-empty-query-key",
     "/",
     "Param1=value1",
     {},
     kDefaultHeaders,
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"get-vanilla-query-order-key-case",
     "/",
     "Param2=value2&Param1=value1",
     {},
     kDefaultHeaders,
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-order-value",
     "/",
     "Param1=value2&Param1=value1",
     {},
     kDefaultHeaders,
     "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
    {"get-vanilla-query-order-encoded",
     "/",
     "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
     {},
     kDefaultHeaders,
     "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"get-vanilla-query-unreserved",
     "/",
     "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz="
     "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     {},
     kDefaultHeaders,
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-utf8-query",
     "/",
     "\xe1\x88\xb4=bar",
     {},
     kDefaultHeaders,
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-vanilla-with-session-token",
     "/",
     "",
     {{"X-Amz-Security-Token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}},
     "host;x-amz-date;x-amz-security-token",
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
    {"get-unreserved",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     "",
     {},
     kDefaultHeaders,
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "/\xe1\x88\xb4",
     "",
     {},
     kDefaultHeaders,
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-space-unnormalized",
     "/example space/",
     "",
     {},
     kDefaultHeaders,
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-slash-unnormalized",
     "//",
     "",
     {},
     kDefaultHeaders,
     "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e"},
    {"get-slashes-unnormalized",
     "//example//",
     "",
     {},
     kDefaultHeaders,
     "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5"},
    {"get-slash-dot-slash-unnormalized",
     "/./",
     "",
     {},
     kDefaultHeaders,
     "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145"},
    {"get-slash-pointless-dot-unnormalized",
     "/./example",
     "",
     {},
     kDefaultHeaders,
     "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff"},
    {"get-relative-unnormalized",
     "/example/..",
     "",
     {},
     kDefaultHeaders,
     "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282"},
    {"get-relative-relative-unnormalized",
     "/example1/example2/../..",
     "",
     {},
     kDefaultHeaders,
     "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b"},
    {"get-header-key-duplicate",
     "/",
     "",
     {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
     "host;my-header1;x-amz-date",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-order",
     "/",
     "",
     {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}},
     "host;my-header1;x-amz-date",
     "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"get-header-value-trim",
     "/",
     "",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
};

}  // namespace octo::sigv4_vectors
