// One spelling of a request that the signer and S3 agree on: the canonical request of Signature Version 4.
//
// S3 is the service whose canonical URI is the path of the wire, byte for byte: encoded once, no dot segment resolved,
// no slash merged. All others encode it a second time and normalise it; they are not served here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace octo {

// The payload hash of GET and HEAD, which have none: the SHA-256 of no bytes. UNSIGNED-PAYLOAD would save nothing here,
// and is meant for TLS alone.
inline constexpr std::string_view kEmptyPayloadSha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct HeaderField {
  std::string_view name;  // in any case
  std::string_view value;
};

struct CanonicalRequest {
  std::string text;
  std::string signed_headers;  // "host;range;x-amz-date"
};

// `target` is what the request line says: an encoded path that begins with '/', and maybe a query. `fields` are the
// headers to sign, in the order in which they are sent. A field that is changed on its way breaks the signature.
CanonicalRequest canonical_request(std::string_view method, std::string_view target,
                                   std::span<const HeaderField> fields, std::string_view payload_hash);

// Sorted by name, then value; each encoded anew, with '=' also behind a name without a value. Idempotent. This is also
// what should be sent: stores differ in whether a raw '+' means a blank, and here it is a plus (RFC 3986), written %2B.
std::string canonical_query(std::string_view query);

// Of "Name: value" lines (or "Name;", an empty value) those that S3 demands in the signature: every x-amz-*. The others
// stay outside, so that a proxy may change traceparent or User-Agent. The views point into `lines`.
std::vector<HeaderField> fields_to_sign(std::span<const std::string> lines);

}  // namespace octo
