// Deriving and remembering for signing_keys.hpp.
#include "auth/signing_keys.hpp"

#include <openssl/crypto.h>

namespace octo {
namespace {

void wipe(Digest &digest) noexcept { ::OPENSSL_cleanse(digest.data(), digest.size()); }

}  // namespace

SigningKeys::~SigningKeys() {
  for (Entry &entry : entries_) wipe(entry.key);
}

const Digest *SigningKeys::find_or_derive(std::string_view date, std::string_view region, std::string_view service,
                                          const Credentials &credentials) {
  std::string scope;
  scope.reserve(date.size() + region.size() + service.size() + 2);
  scope.append(date).append("/").append(region).append("/").append(service);
  for (const Entry &entry : entries_) {
    if (entry.scope == scope && entry.identity == credentials.identity()) return &entry.key;
  }
  auto key = derive_signing_key(date, region, service, credentials.secret_access_key());
  if (!key) return nullptr;
  Entry &entry = entries_[next_];
  next_ = (next_ + 1) % kKeysMax;
  entry.scope = std::move(scope);
  entry.identity = credentials.identity();
  entry.key = *key;
  wipe(*key);
  return &entry.key;
}

std::optional<Digest> derive_signing_key(std::string_view date, std::string_view region, std::string_view service,
                                         std::string_view secret_access_key) {
  const Secret start("AWS4", secret_access_key);
  auto key = hmac_sha256(start.view(), date);
  for (const std::string_view part : {region, service, std::string_view("aws4_request")}) {
    if (!key) return {};
    auto next = hmac_sha256(as_bytes(*key), part);
    wipe(*key);
    key = next;
    if (next) wipe(*next);
  }
  return key;
}

}  // namespace octo
