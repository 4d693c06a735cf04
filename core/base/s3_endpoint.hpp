// Where the objects of s3://bucket/prefix are fetched from: the host that is asked, and the path before each key.
//
// It stands beside url.hpp because it answers with the same OriginUrl: from there on an s3 origin is an https origin
// that is signed. Names, limits and host forms are those of the Amazon S3 User Guide, "General purpose bucket naming
// rules" and "Virtual hosting of general purpose buckets".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/url.hpp"

namespace octo {

inline constexpr std::size_t kBucketBytesMin = 3;
inline constexpr std::size_t kBucketBytesMax = 63;

enum class S3Addressing : std::uint8_t {
  automatic,     // virtual_host wherever that host can exist and be verified
  virtual_host,  // https://bucket.s3.eu-central-1.amazonaws.com/key
  path,          // https://s3.eu-central-1.amazonaws.com/bucket/key
};

struct S3EndpointOptions {
  // "eu-central-1"; may be empty with an endpoint, where us-east-1 is what stores other than Amazon's sign with.
  std::string_view region{};
  std::string_view endpoint{};  // "https://minio.example:9000"; "" for Amazon's
  S3Addressing addressing = S3Addressing::automatic;
  bool dual_stack = false;  // host names that also have IPv6 addresses
};

struct S3Endpoint {
  // Connect to origin.host and verify that name; base_path holds the bucket where addressing is path.
  OriginUrl origin;
  std::string
      host_header;  // what stands in Host, and so in the signature: the port is left out where it is the default
  std::string bucket;
  std::string region;                                    // of the signature
  S3Addressing addressing = S3Addressing::virtual_host;  // never automatic
};

bool is_s3_url(std::string_view url) noexcept;

// The prefix is literal: each of its bytes is percent-encoded as a key's are, and slashes at its end are dropped. '?',
// '#' and "." or ".." segments are refused there, since they are mistakes in a URL.
Result<S3Endpoint> resolve_s3_endpoint(std::string_view url, const S3EndpointOptions &options);

}  // namespace octo
