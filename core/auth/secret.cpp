// Owning and wiping for secret.hpp.
#include "auth/secret.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace octo {

Secret::Secret(std::string_view first, std::string_view second)
    : bytes_(std::make_unique<char[]>(first.size() + second.size())), size_(first.size() + second.size()) {
  std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), bytes_.get()));
}

Secret::Secret(Secret &&other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

// What this one held is wiped when `other` dies.
Secret &Secret::operator=(Secret &&other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  return *this;
}

// OPENSSL_cleanse, because a compiler may leave out a memset whose result nobody reads.
Secret::~Secret() {
  if (bytes_) ::OPENSSL_cleanse(bytes_.get(), size_);
}

}  // namespace octo
