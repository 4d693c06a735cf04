// SHA-256 and HMAC-SHA-256, the only cryptography that Signature Version 4 asks for.
//
// Empty results mean that libcrypto failed: it has no memory, or its configuration offers no SHA-256.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace octo {

inline constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<unsigned char, kDigestBytes>;

std::optional<Digest> sha256(std::string_view bytes) noexcept;
std::optional<Digest> hmac_sha256(std::string_view key, std::string_view bytes) noexcept;

std::string_view as_bytes(const Digest &digest) noexcept;
// 64 hexadecimal digits in lower case.
std::string hex(const Digest &digest);

}  // namespace octo
