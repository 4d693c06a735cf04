// Bucket names, regions, host names and addressing for s3_endpoint.hpp.
#include "base/s3_endpoint.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/printable.hpp"

namespace octo {
namespace {

constexpr std::size_t kPrefixBytesMax = kKeyBytesMax - 2;  // a slash and one byte of a key follow it
constexpr std::size_t kRegionBytesMax = 63;                // a label of a host name (RFC 1035 section 2.3.4)
constexpr std::string_view kDefaultRegion = "us-east-1";
constexpr std::string_view kScheme = "s3://";

// Partitions whose names do not end in amazonaws.com, as the AWS SDKs list them (partitions.json). GovCloud's do.
struct Partition {
  std::string_view region_begin;
  std::string_view domain;
  bool has_dual_stack;
};
constexpr Partition kStandard = {"", "amazonaws.com", true};
constexpr std::array<Partition, 6> kPartitions = {{
    {"cn-", "amazonaws.com.cn", true},
    {"eusc-", "amazonaws.eu", true},
    {"us-iso-", "c2s.ic.gov", false},
    {"us-isob-", "sc2s.sgov.gov", false},
    {"us-isof-", "csp.hci.ic.gov", false},
    {"eu-isoe-", "cloud.adc-e.uk", false},
}};

// Names that Amazon keeps for what is no general purpose bucket.
struct ReservedName {
  std::string_view end;
  const char *why;
};
constexpr std::array<ReservedName, 3> kReservedNames = {{
    {"--x-s3", "is a directory bucket, which is asked with sessions of its own; copy what is needed to another bucket"},
    {".mrap", "is a Multi-Region Access Point, which is signed with SigV4A; name one of its buckets"},
    {"--table-s3", "is a table bucket, whose files have no keys to fetch"},
}};

struct S3Url {
  std::string_view bucket;
  std::string_view prefix;  // without slashes at its end
};

Failure refuse(std::string_view part, std::string_view value, const std::string &why) {
  return {Status::invalid_argument, std::string(part) + " '" + printable_url(value) + "' " + why};
}

std::string byte_count(std::string_view text) { return std::to_string(text.size()) + " bytes"; }

Result<S3Url> split(std::string_view url) {
  if (!is_s3_url(url)) return refuse("url", url, "is no S3 URL; write s3://bucket/prefix");
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  S3Url parts{rest.substr(0, slash), rest.substr(slash)};
  if (parts.bucket.starts_with("arn:")) {
    return refuse("bucket", parts.bucket, "is an ARN; write the bucket's name or the access point's alias");
  }
  // What follows a colon may be half a password, whose slash ended the bucket.
  if (parts.bucket.find_first_of("@:") != std::string_view::npos) {
    return refuse("url", kScheme,
                  "is followed by a user name or a port, and neither belongs there; set credentials or s3.endpoint");
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return refuse("url", url, "has a query or fragment; both belong to a request, not to the origin");
  }
  while (parts.prefix.ends_with('/')) parts.prefix.remove_suffix(1);
  if (parts.prefix.size() > kPrefixBytesMax + 1) {
    return refuse("url", url,
                  "has a prefix of " + std::to_string(parts.prefix.size() - 1) + " bytes; at most " +
                      std::to_string(kPrefixBytesMax) + " leave room for a key, as S3's have at most 1024");
  }
  return parts;
}

// Four numbers between dots, which a host name must not be.
bool is_like_address(std::string_view name) noexcept {
  return std::count(name.begin(), name.end(), '.') == 3 && name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; });
}

Result<Done> check_bucket(std::string_view bucket, bool is_amazon) {
  constexpr std::string_view kPart = "bucket";
  const auto is_edge = [](char c) { return is_lower(c) || is_digit(c); };
  const auto is_allowed = [&](char c) { return is_edge(c) || c == '-' || c == '.'; };
  if (bucket.empty()) return refuse("url", kScheme, "is followed by no bucket; write s3://bucket/prefix");
  if (bucket.size() < kBucketBytesMin || bucket.size() > kBucketBytesMax) {
    return refuse(kPart, bucket, "has " + byte_count(bucket) + "; a bucket name has 3 to 63");
  }
  if (std::any_of(bucket.begin(), bucket.end(), is_upper)) {
    return refuse(kPart, bucket, "has upper-case letters; a bucket name has lower-case ones alone");
  }
  if (!std::all_of(bucket.begin(), bucket.end(), is_allowed)) {
    return refuse(kPart, bucket, "has other characters than lower-case letters, digits, '-' and '.'");
  }
  if (!is_edge(bucket.front()) || !is_edge(bucket.back())) {
    return refuse(kPart, bucket, "must begin and end with a letter or digit");
  }
  if (bucket.find("..") != std::string_view::npos) return refuse(kPart, bucket, "has two dots in a row");
  if (is_like_address(bucket)) return refuse(kPart, bucket, "has the form of an IP address");
  if (bucket.starts_with("xn--")) return refuse(kPart, bucket, "begins with xn--, which no bucket name does");
  for (const ReservedName &name : kReservedNames) {
    if (is_amazon && bucket.ends_with(name.end)) return refuse(kPart, bucket, name.why);
  }
  return Done{};
}

// Stores other than Amazon's have names such as "auto" or "RegionOne".
Result<Done> check_region(std::string_view region, bool is_amazon) {
  constexpr std::string_view kPart = "s3.region";
  if (region.empty())
    return Failure{Status::invalid_argument, "s3.region is not set; write the bucket's, as eu-central-1"};
  if (region.size() > kRegionBytesMax) {
    return refuse(kPart, region, "has " + byte_count(region) + "; at most 63 are allowed");
  }
  const auto is_allowed = [&](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || (!is_amazon && (is_upper(c) || c == '_'));
  };
  const bool is_name = std::all_of(region.begin(), region.end(), is_allowed) && region.front() != '-';
  const bool is_form = std::count(region.begin(), region.end(), '-') >= 2 && is_digit(region.back());
  if (is_name && (is_form || !is_amazon)) return Done{};
  return refuse(kPart, region,
                is_amazon ? "is no region of Amazon's; write one such as eu-central-1, or set s3.endpoint"
                          : "has other characters than letters, digits, '-' and '_'");
}

const Partition &partition_of(std::string_view region) noexcept {
  for (const Partition &partition : kPartitions) {
    if (region.starts_with(partition.region_begin)) return partition;
  }
  return kStandard;
}

Result<OriginUrl> amazon_origin(std::string_view region, bool dual_stack) {
  const Partition &partition = partition_of(region);
  if (dual_stack && !partition.has_dual_stack) {
    return refuse("s3.region", region, "has no dual-stack endpoint; set s3.dual_stack=false");
  }
  std::string url = dual_stack ? "https://s3.dualstack." : "https://s3.";
  url.append(region).append(".").append(partition.domain);
  return parse_origin_url(url);
}

Result<OriginUrl> override_origin(const S3EndpointOptions &options) {
  constexpr std::string_view kPart = "s3.endpoint";
  if (options.dual_stack) {
    return refuse(kPart, options.endpoint,
                  "is a host of its own; set s3.dual_stack=false, or name the dual-stack host");
  }
  auto origin = parse_origin_url(options.endpoint);
  if (!origin.is_ok()) return Failure{origin.failure().status, "s3.endpoint: " + origin.failure().text};
  if (!origin.value().base_path.empty()) {
    return refuse(kPart, options.endpoint, "has a path; write https://host or https://host:port");
  }
  return origin;
}

// An address (its last label is a number), localhost or another name without a dot: no bucket.host would resolve.
bool takes_no_subdomain(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::size_t dot = host.rfind('.');
  if (host.find(':') != std::string_view::npos || dot == std::string_view::npos) return true;
  const std::string_view last = host.substr(dot + 1);
  return last == "localhost" || std::all_of(last.begin(), last.end(), is_digit);
}

Result<S3Addressing> choose_addressing(S3Addressing wanted, std::string_view bucket, const OriginUrl &service) {
  if (wanted == S3Addressing::path) return S3Addressing::path;
  const bool is_unverifiable = service.secure && bucket.find('.') != std::string_view::npos;
  const bool is_unresolvable = takes_no_subdomain(service.host);
  if (!is_unverifiable && !is_unresolvable) return S3Addressing::virtual_host;
  if (wanted == S3Addressing::automatic) return S3Addressing::path;
  return refuse("s3.addressing", "virtual",
                is_unverifiable ? "does not go with bucket '" + std::string(bucket) +
                                      "' over TLS, as a wildcard certificate covers no name with further dots; write "
                                      "path or auto"
                                : "does not go with s3.endpoint host '" + printable(service.host) +
                                      "', which has no subdomains; write path or auto");
}

}  // namespace

bool is_s3_url(std::string_view url) noexcept { return starts_with_ignoring_case(url, kScheme); }

Result<S3Endpoint> resolve_s3_endpoint(std::string_view url, const S3EndpointOptions &options) {
  const bool is_amazon = options.endpoint.empty();
  const auto parts = split(url);
  if (!parts.is_ok()) return parts.failure();
  const auto [bucket, prefix] = parts.value();
  if (auto checked = check_bucket(bucket, is_amazon); !checked.is_ok()) return checked.failure();
  const std::string_view region = !is_amazon && options.region.empty() ? kDefaultRegion : options.region;
  if (auto checked = check_region(region, is_amazon); !checked.is_ok()) return checked.failure();
  const auto service = is_amazon ? amazon_origin(region, options.dual_stack) : override_origin(options);
  if (!service.is_ok()) return service.failure();
  const auto addressing = choose_addressing(options.addressing, bucket, service.value());
  if (!addressing.is_ok()) return addressing.failure();

  const bool is_path = addressing.value() == S3Addressing::path;
  const std::string_view authority = service.value().authority;
  const std::size_t host_at = authority.find("://") + 3;
  std::string target(authority.substr(0, host_at));
  if (!is_path) target.append(bucket).append(".");
  target.append(authority.substr(host_at));
  if (is_path) target.append("/").append(bucket);
  percent_encode(prefix, true, target);
  auto origin = parse_origin_url(target);
  if (!origin.is_ok()) return origin.failure();

  S3Endpoint endpoint;
  endpoint.origin = std::move(origin.value());
  endpoint.host_header = endpoint.origin.authority.substr(host_at);
  endpoint.bucket = bucket;
  endpoint.region = region;
  endpoint.addressing = addressing.value();
  return endpoint;
}

}  // namespace octo
