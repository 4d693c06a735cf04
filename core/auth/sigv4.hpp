// Signs a request for S3 with AWS Signature Version 4: which header lines to add so that S3 knows who asks.
//
// Every attempt is signed anew, because S3 refuses a signature that is 15 minutes from its own time, and because an
// attempt uses the credentials of its moment. No clock: the time is a parameter. Used by one thread, the I/O thread of
// its engine.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/canonical_request.hpp"
#include "auth/credentials.hpp"
#include "auth/signing_keys.hpp"
#include "base/result.hpp"

namespace octo {

struct SignableRequest {
  std::string_view method = "GET";  // or HEAD
  std::string_view host;            // the Host header, as it is sent
  std::string_view target;          // of the request line, see canonical_request
  // Beside the host and what signing adds: all x-amz-* that are sent, and whatever else nobody changes on the way.
  std::span<const HeaderField> fields;
};

class Signer {
 public:
  explicit Signer(std::string region, std::string service = "s3")
      : region_(std::move(region)), service_(std::move(service)) {}

  // The lines to add: Authorization, x-amz-content-sha256, x-amz-date, and x-amz-security-token where there is one.
  // They hold the token: they belong on the wire and nowhere else. `now` is the machine's time, and `clock_offset` what
  // the origin's clock is ahead of it.
  Result<std::vector<std::string>> sign(const SignableRequest &request, const Credentials &credentials,
                                        std::chrono::sys_seconds now, std::chrono::seconds clock_offset);

  // The value of Authorization for a request that already has its x-amz-date; `date_time` is that, "20130524T000000Z".
  Result<std::string> authorization(const CanonicalRequest &request, const Credentials &credentials,
                                    std::string_view date_time);

 private:
  std::string region_;
  std::string service_;
  SigningKeys keys_;
};

// "20130524T000000Z", ISO 8601 in its basic format. "" before 1970 and behind 9999, for which there is none.
std::string amz_date(std::chrono::sys_seconds time);

}  // namespace octo
