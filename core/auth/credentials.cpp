// Checks and the choice between two sets for credentials.hpp.
#include "auth/credentials.hpp"

#include <cstdint>
#include <utility>

namespace octo {
namespace {

enum class Flaw : std::uint8_t { none, blank, control, foreign, separator };

// The first byte that is not visible ASCII, or is one of `separators`.
Flaw find_flaw(std::string_view text, std::string_view separators) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return Flaw::blank;
    if (byte < 0x20 || byte == 0x7f) return Flaw::control;
    if (byte > 0x7f) return Flaw::foreign;
    if (separators.find(c) != std::string_view::npos) return Flaw::separator;
  }
  return Flaw::none;
}

std::string_view flaw_text(Flaw flaw) noexcept {
  switch (flaw) {
    case Flaw::none: break;
    case Flaw::blank: return "has a blank or a line end; hand it over without";
    case Flaw::control: return "has a control byte; only visible ASCII characters are allowed";
    case Flaw::foreign: return "has a byte outside of ASCII; only visible ASCII characters are allowed";
    case Flaw::separator: return "has a '/', ',' or '=', which separate the parts of an Authorization header";
  }
  return {};
}

Failure refuse(std::string_view part, const std::string &why) {
  return {Status::invalid_argument, "credentials: the " + std::string(part) + " " + why};
}

Result<Done> check(std::string_view part, std::string_view text, std::size_t bytes_max, std::string_view separators) {
  if (text.size() > bytes_max) {
    return refuse(
        part, "has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(bytes_max) + " are allowed");
  }
  if (const Flaw flaw = find_flaw(text, separators); flaw != Flaw::none) {
    return refuse(part, std::string(flaw_text(flaw)));
  }
  return Done{};
}

// IAM names the access keys of temporary credentials so.
bool is_temporary(std::string_view access_key_id) noexcept {
  return access_key_id.size() == 20 && access_key_id.starts_with("ASIA");
}

std::optional<Digest> identify(const CredentialText &text) {
  // Neither part can hold a line feed, so that no two pairs give the same bytes.
  const Secret pair(std::string(text.access_key_id) + "\n", text.secret_access_key);
  return sha256(pair.view());
}

// Whether `set` is worth keeping behind a newer one rather than `other`.
bool outlives(const std::optional<Credentials> &set, const std::optional<Credentials> &other) noexcept {
  if (!set || !set->expires_at()) return false;
  return !other || *set->expires_at() >= *other->expires_at();
}

}  // namespace

Result<Credentials> make_credentials(const CredentialText &text) {
  constexpr std::string_view kId = "access key id";
  constexpr std::string_view kSecret = "secret access key";
  constexpr std::string_view kToken = "session token";
  if (text.access_key_id.empty()) return refuse(kId, "is empty");
  if (text.secret_access_key.empty()) return refuse(kSecret, "is empty");
  for (const auto &checked : {check(kId, text.access_key_id, kAccessKeyIdBytesMax, "/,="),
                              check(kSecret, text.secret_access_key, kSecretBytesMax, {}),
                              check(kToken, text.session_token, kSessionTokenBytesMax, {})}) {
    if (!checked.is_ok()) return checked.failure();
  }
  if (is_temporary(text.access_key_id) && text.session_token.empty()) {
    return refuse(kToken, "is missing; an access key id that begins with ASIA is temporary and needs its token");
  }
  const auto identity = identify(text);
  if (!identity) return Failure{Status::local_resource, "credentials: libcrypto cannot compute a SHA-256"};
  Credentials credentials;
  credentials.access_key_id_ = text.access_key_id;
  credentials.secret_ = Secret(text.secret_access_key);
  credentials.token_ = Secret(text.session_token);
  credentials.expires_at_ = text.expires_at;
  credentials.identity_ = *identity;
  return credentials;
}

void CredentialSets::set(Credentials newest) noexcept {
  if (outlives(newest_, previous_)) previous_ = std::move(newest_);
  newest_ = std::move(newest);
}

void CredentialSets::clear() noexcept {
  newest_.reset();
  previous_.reset();
}

Result<const Credentials *> CredentialSets::pick(std::chrono::sys_seconds now) {
  if (previous_ && previous_->is_expired(now)) previous_.reset();
  if (newest_ && !newest_->is_expired(now)) return &*newest_;
  if (previous_) return &*previous_;
  return Failure{Status::no_credentials, newest_ ? "the credentials have expired; set new ones"
                                                 : "no credentials are set for an origin whose requests are signed"};
}

}  // namespace octo
