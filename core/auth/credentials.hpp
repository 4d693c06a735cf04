// Who asks S3: an access key with its secret, maybe a session token, and the moment they end.
//
// Where credentials come from is not decided here: the host hands them over. No clock: what "expired" means is asked
// with the time. No error text repeats any of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/digest.hpp"
#include "auth/secret.hpp"
#include "base/result.hpp"

namespace octo {

inline constexpr std::size_t kAccessKeyIdBytesMax = 128;  // of IAM; other stores stay below it
inline constexpr std::size_t kSecretBytesMax = 256;
// S3 refuses a request whose headers pass 8 KiB; with a longer token there is no request that it would take.
inline constexpr std::size_t kSessionTokenBytesMax = 8192;

// What a host hands over; "" for no session token.
struct CredentialText {
  std::string_view access_key_id;
  std::string_view secret_access_key;
  std::string_view session_token;
  std::optional<std::chrono::sys_seconds> expires_at;
};

// Immutable but for being moved from; made by make_credentials alone, so that what it holds can be signed with.
class Credentials {
 public:
  std::string_view access_key_id() const noexcept { return access_key_id_; }
  std::string_view secret_access_key() const noexcept { return secret_.view(); }
  std::string_view session_token() const noexcept { return token_.view(); }
  std::optional<std::chrono::sys_seconds> expires_at() const noexcept { return expires_at_; }
  // Of the same content, valid as long as this.
  CredentialText text() const noexcept { return {access_key_id(), secret_access_key(), session_token(), expires_at()}; }
  bool is_expired(std::chrono::sys_seconds now) const noexcept { return expires_at_ && now >= *expires_at_; }
  // Equal for equal access keys with equal secrets: what a derived key may be kept under. The access key id alone is
  // not enough, for its secret may have been corrected.
  const Digest &identity() const noexcept { return identity_; }

 private:
  friend Result<Credentials> make_credentials(const CredentialText &text);
  Credentials() = default;

  std::string access_key_id_;
  Secret secret_;
  Secret token_;
  std::optional<std::chrono::sys_seconds> expires_at_;
  Digest identity_{};
};

// Refuses what cannot stand in an Authorization header or in a header at all, and what a copied line leaves behind:
// blanks and line ends.
Result<Credentials> make_credentials(const CredentialText &text);

// The credentials of one client: the set that was given last, and the one before it as long as it lives.
//
// The newest set signs from the next attempt on. While it is expired or withdrawn, the one before it signs instead, so
// that a provider that hands over a stale set breaks nothing while the old one is good. Only a set that expires is kept
// behind a newer one: one without an end would never leave, and whoever replaces a permanent key wants it gone.
//
// Used by one thread; the time is the origin's, that is with the clock offset added.
class CredentialSets {
 public:
  void set(Credentials newest) noexcept;
  // The origin refuses the newest set, or the host takes it back.
  void withdraw_newest() noexcept { newest_.reset(); }
  void clear() noexcept;

  // What signs an attempt now, valid until the next call of any other function; NO_CREDENTIALS says what is missing.
  // Drops the set before the newest when it has expired.
  Result<const Credentials *> pick(std::chrono::sys_seconds now);

 private:
  std::optional<Credentials> newest_;
  std::optional<Credentials> previous_;
};

}  // namespace octo
