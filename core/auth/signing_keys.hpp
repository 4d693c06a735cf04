// The signing key of a day, derived once instead of four times HMAC for each attempt.
//
// Used by one thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "auth/credentials.hpp"
#include "auth/digest.hpp"

namespace octo {

class SigningKeys {
 public:
  // Two sets of credentials on both sides of a midnight.
  static constexpr std::size_t kKeysMax = 4;

  SigningKeys() = default;
  // Wipes the keys.
  ~SigningKeys();
  SigningKeys(const SigningKeys &) = delete;
  SigningKeys &operator=(const SigningKeys &) = delete;

  // `date` is "20130524". Null when libcrypto fails; else valid until the next call.
  const Digest *find_or_derive(std::string_view date, std::string_view region, std::string_view service,
                               const Credentials &credentials);

 private:
  struct Entry {
    std::string scope;  // "20130524/us-east-1/s3"; "" for an entry without a key
    Digest identity{};
    Digest key{};
  };

  std::array<Entry, kKeysMax> entries_;
  std::size_t next_ = 0;  // the one that was derived first makes room
};

// HMAC over date, region, service and "aws4_request", each with the one before as its key.
std::optional<Digest> derive_signing_key(std::string_view date, std::string_view region, std::string_view service,
                                         std::string_view secret_access_key);

}  // namespace octo
