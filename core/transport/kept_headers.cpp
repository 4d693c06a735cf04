// Choosing and packing headers, for kept_headers.hpp.
#include "transport/kept_headers.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace octo {
namespace {

constexpr std::size_t kKeptHeaderBytesUsual = 192;

}  // namespace

bool is_kept_header(std::string_view lower_case_name) noexcept {
  constexpr std::array<std::string_view, 7> kNames = {"etag",     "last-modified", "cache-control",   "expires",
                                                      "location", "retry-after",   "x-amz-version-id"};
  return lower_case_name.starts_with("content-") || lower_case_name.starts_with("x-amz-meta-") ||
         std::find(kNames.begin(), kNames.end(), lower_case_name) != kNames.end();
}

void keep_header(std::string_view lower_case_name, std::string_view value, std::string &kept) {
  const auto is_control = [](char byte) {
    return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
  };
  if (!is_token(lower_case_name) || std::any_of(value.begin(), value.end(), is_control)) return;
  const std::size_t size = lower_case_name.size() + value.size() + 2;
  if (kept.size() + size > kKeptHeaderBytesMax) return;
  if (kept.empty()) kept.reserve(std::max(size, kKeptHeaderBytesUsual));
  kept.append(lower_case_name).push_back('\0');
  kept.append(value).push_back('\0');
}

}  // namespace octo
