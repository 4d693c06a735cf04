// Calls into libcrypto for digest.hpp.
#include "auth/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace octo {
namespace {

const unsigned char *octets(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char *>(bytes.data());
}

}  // namespace

std::optional<Digest> sha256(std::string_view bytes) noexcept {
  Digest digest{};
  if (::EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr) != 1) return {};
  return digest;
}

std::optional<Digest> hmac_sha256(std::string_view key, std::string_view bytes) noexcept {
  Digest digest{};
  const auto *made = ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(bytes), bytes.size(),
                            digest.data(), nullptr);
  if (made == nullptr) return {};
  return digest;
}

std::string_view as_bytes(const Digest &digest) noexcept {
  return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

std::string hex(const Digest &digest) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 0xf]);
  }
  return text;
}

}  // namespace octo
