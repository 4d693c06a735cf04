// The string to sign and the headers for sigv4.hpp.
#include "auth/sigv4.hpp"

#include <cstdint>

#include "base/assert.hpp"

namespace octo {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::size_t kDateTimeBytes = 16;
constexpr std::size_t kDateBytes = 8;
constexpr std::chrono::sys_seconds kTimeMax{std::chrono::seconds{253'402'300'799}};  // the last second of 9999

constexpr std::string_view kContentSha256 = "x-amz-content-sha256";
constexpr std::string_view kDate = "x-amz-date";
constexpr std::string_view kSecurityToken = "x-amz-security-token";

Failure no_crypto() { return {Status::local_resource, "signing: libcrypto cannot compute a SHA-256"}; }

bool is_time(std::chrono::sys_seconds time) noexcept { return time >= std::chrono::sys_seconds{} && time <= kTimeMax; }

// The origin's time. A clock or an offset beyond all years stays there: their sum might overflow, while a time that is
// not negative and an offset below zero cannot.
std::chrono::sys_seconds shifted(std::chrono::sys_seconds now, std::chrono::seconds offset) noexcept {
  const bool is_sane = is_time(now) && offset <= kTimeMax.time_since_epoch();
  return is_sane ? now + offset : std::chrono::sys_seconds::max();
}

void append_padded(std::int64_t number, std::size_t digits, std::string &text) {
  const std::string decimal = std::to_string(number);
  text.append(digits - decimal.size(), '0').append(decimal);
}

std::string line(std::string_view name, std::string_view value) {
  std::string text;
  text.reserve(name.size() + 2 + value.size());
  text.append(name).append(": ").append(value);
  return text;
}

}  // namespace

Result<std::vector<std::string>> Signer::sign(const SignableRequest &request, const Credentials &credentials,
                                              std::chrono::sys_seconds now, std::chrono::seconds clock_offset) {
  const std::string date_time = amz_date(shifted(now, clock_offset));
  if (date_time.empty()) {
    return Failure{Status::local_resource, "signing: the clock is outside of the years 1970 to 9999; set it"};
  }
  std::vector<HeaderField> fields(request.fields.begin(), request.fields.end());
  fields.push_back({"host", request.host});
  fields.push_back({kContentSha256, kEmptyPayloadSha256});
  fields.push_back({kDate, date_time});
  if (!credentials.session_token().empty()) fields.push_back({kSecurityToken, credentials.session_token()});
  const auto canonical = canonical_request(request.method, request.target, fields, kEmptyPayloadSha256);
  auto value = authorization(canonical, credentials, date_time);
  if (!value.is_ok()) return value.failure();
  std::vector<std::string> lines;
  lines.reserve(4);
  lines.push_back(line("Authorization", value.value()));
  lines.push_back(line(kContentSha256, kEmptyPayloadSha256));
  lines.push_back(line(kDate, date_time));
  if (!credentials.session_token().empty()) lines.push_back(line(kSecurityToken, credentials.session_token()));
  return lines;
}

Result<std::string> Signer::authorization(const CanonicalRequest &request, const Credentials &credentials,
                                          std::string_view date_time) {
  OCTO_ASSERT(date_time.size() == kDateTimeBytes);
  const std::string_view date = date_time.substr(0, kDateBytes);
  std::string scope;
  scope.append(date).append("/").append(region_).append("/").append(service_).append("/").append(kTerminator);
  const auto request_digest = sha256(request.text);
  const Digest *key = keys_.find_or_derive(date, region_, service_, credentials);
  if (!request_digest || key == nullptr) return no_crypto();
  std::string string_to_sign(kAlgorithm);
  string_to_sign.append("\n").append(date_time).append("\n").append(scope).append("\n").append(hex(*request_digest));
  const auto signature = hmac_sha256(as_bytes(*key), string_to_sign);
  if (!signature) return no_crypto();
  std::string value(kAlgorithm);
  value.append(" Credential=").append(credentials.access_key_id()).append("/").append(scope);
  value.append(", SignedHeaders=").append(request.signed_headers);
  value.append(", Signature=").append(hex(*signature));
  return value;
}

std::string amz_date(std::chrono::sys_seconds time) {
  if (!is_time(time)) return {};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text;
  text.reserve(kDateTimeBytes);
  append_padded(static_cast<int>(date.year()), 4, text);
  append_padded(static_cast<unsigned>(date.month()), 2, text);
  append_padded(static_cast<unsigned>(date.day()), 2, text);
  text.push_back('T');
  append_padded(clock.hours().count(), 2, text);
  append_padded(clock.minutes().count(), 2, text);
  append_padded(clock.seconds().count(), 2, text);
  text.push_back('Z');
  return text;
}

}  // namespace octo
