// The verifier of signature.hpp: the canonical request is rebuilt from the bytes that came, and signed with the known secret.
#include "signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "percent.hpp"

namespace octo::origin {

namespace {

constexpr std::string_view kScheme = "AWS4-HMAC-SHA256 ";
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string hex_of(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out.push_back(kDigits[value >> 4]);
    out.push_back(kDigits[value & 15]);
  }
  return out;
}

std::string sha256_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char *>(digest.data()), size};
}

std::string hmac_of(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(bytes.data()),
       bytes.size(), digest.data(), &size);
  return {reinterpret_cast<const char *>(digest.data()), size};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char &byte : out) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return out;
}

// "a=1, b=2" as a map.
std::map<std::string, std::string> fields_of(std::string_view text) {
  std::map<std::string, std::string> fields;
  for (std::string &part : split(text, ',')) {
    const std::size_t begin = part.find_first_not_of(' ');
    const std::size_t equals = part.find('=');
    if (begin == std::string::npos || equals == std::string::npos) continue;
    fields[part.substr(begin, equals - begin)] = part.substr(equals + 1);
  }
  return fields;
}

// Encodes what a store decodes, so that every spelling of a path or query that means the same is one.
std::string encoded_once(std::string_view text, bool keeps_slash) {
  std::string encoded = percent_encoded(percent_decoded(text));
  if (keeps_slash) return encoded;
  std::string out;
  for (const char byte : encoded) {
    if (byte == '/') {
      out += "%2F";
    } else {
      out.push_back(byte);
    }
  }
  return out;
}

std::string canonical_query_of(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string &part : split(query, '&')) {
    const std::size_t equals = part.find('=');
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    pairs.emplace_back(encoded_once(part.substr(0, equals), false), encoded_once(value, false));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto &[name, value] : pairs) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

// Runs of blanks are one.
std::string squeezed(std::string_view value) {
  std::string out;
  for (const char byte : value) {
    if (byte != ' ' || (!out.empty() && out.back() != ' ')) out.push_back(byte);
  }
  return out;
}

std::string canonical_request_of(const RequestHead &head, const std::vector<std::string> &signed_names) {
  std::string text =
      std::string(head.method) + "\n" + encoded_once(head.path, true) + "\n" + canonical_query_of(head.query) + "\n";
  std::string names;
  for (const std::string &name : signed_names) {
    std::string values;
    for (const auto &[field, value] : head.headers) {
      if (lower(field) == name) values += (values.empty() ? "" : ",") + squeezed(value);
    }
    text += name + ":" + values + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  return text + "\n" + names + "\n" + std::string(kEmptyHash);
}

// Everything that could be changed on the way to some gain.
bool covers_enough(const RequestHead &head, const std::vector<std::string> &signed_names) {
  const auto is_signed = [&](const std::string &name) {
    return std::find(signed_names.begin(), signed_names.end(), name) != signed_names.end();
  };
  if (!is_signed("host")) return false;
  return std::all_of(head.headers.begin(), head.headers.end(), [&](const auto &field) {
    const std::string name = lower(field.first);
    return name.rfind("x-amz-", 0) != 0 || is_signed(name);
  });
}

// Seconds since 1970 of "20130524T000000Z"; 0 when it is none.
std::time_t time_of(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char *end = strptime(copy.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  return end == nullptr || *end != '\0' ? 0 : timegm(&parts);
}

}  // namespace

SignatureVerdict judge_signature(const RequestHead &head, const SignatureRule &rule, std::time_t now) {
  const std::string_view *authorization = head.header("authorization");
  if (authorization == nullptr) return {403, "AccessDenied", ""};
  if (authorization->substr(0, kScheme.size()) != kScheme) return {400, "InvalidArgument", ""};
  auto fields = fields_of(authorization->substr(kScheme.size()));
  const std::vector<std::string> scope = split(fields["Credential"], '/');
  const std::string_view *date = head.header("x-amz-date");
  if (scope.size() != 5 || scope[3] != "s3" || scope[4] != "aws4_request" || date == nullptr) {
    return {400, "AuthorizationHeaderMalformed", ""};
  }
  if (scope[0] != rule.access_key_id) return {403, "InvalidAccessKeyId", ""};
  const std::string_view *token = head.header("x-amz-security-token");
  if (rule.is_expired) return {400, "ExpiredToken", ""};
  if ((token == nullptr ? "" : *token) != rule.session_token) return {403, "InvalidToken", ""};
  if (scope[2] != rule.region) return {400, "AuthorizationHeaderMalformed", rule.region};
  if (std::abs(std::difftime(time_of(*date), now)) > rule.skew_max_s || date->substr(0, 8) != scope[1]) {
    return {403, "RequestTimeTooSkewed", ""};
  }
  const std::vector<std::string> names = split(fields["SignedHeaders"], ';');
  const std::string_view *hash = head.header("x-amz-content-sha256");
  if (!covers_enough(head, names) || hash == nullptr || *hash != kEmptyHash) return {403, "AccessDenied", ""};
  const std::string scope_text = scope[1] + "/" + scope[2] + "/s3/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + std::string(*date) + "\n" + scope_text + "\n" +
                              hex_of(sha256_of(canonical_request_of(head, names)));
  const std::string day_key = hmac_of("AWS4" + rule.secret_access_key, scope[1]);
  const std::string key = hmac_of(hmac_of(hmac_of(day_key, scope[2]), "s3"), "aws4_request");
  if (hex_of(hmac_of(key, to_sign)) != fields["Signature"]) return {403, "SignatureDoesNotMatch", ""};
  return {};
}

}  // namespace octo::origin
