// The codes of S3's error responses that a caller can act on, for s3_answer.hpp.
#include "transport/s3_answer.hpp"

namespace octo {

Status status_of_s3_error(std::string_view code) noexcept {
  const bool is_throttled = code == "SlowDown" || code == "ServiceUnavailable" || code == "RequestLimitExceeded";
  return is_throttled ? Status::throttled : Status::server_error;
}

std::string s3_advice(std::uint32_t http_status, const S3Error &error, std::string_view date) {
  const bool is_elsewhere = http_status == 301 || http_status == 307 || error.code == "AuthorizationHeaderMalformed" ||
                            error.code == "PermanentRedirect" || error.code == "TemporaryRedirect";
  if (is_elsewhere && !error.region.empty()) {
    return "; the bucket is in " + error.region + ": set s3.region to it";
  }
  if (error.code == "RequestTimeTooSkewed") {
    const std::string by = date.empty() ? "" : ", which says " + std::string(date);
    return "; this machine's clock is too far from the origin's" + by + ": set it right";
  }
  if (error.code == "ExpiredToken") return "; the session token has expired: set new credentials";
  return {};
}

}  // namespace octo
