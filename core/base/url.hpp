// The URL a client is opened with, and how a key becomes the path of a request below it.
//
// A key never leaves its origin: the authority is fixed here, and every byte of a key that is not unreserved is
// percent-encoded, so that '?', '#', '@' or '%' in a key mean themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace octo {

inline constexpr std::size_t kKeyBytesMax = 1024;

struct OriginUrl {
  bool secure = false;
  std::string host;  // lower case, without brackets
  std::uint16_t port = 0;
  std::string authority;  // "https://host:port", the default port left out
  std::string base_path;  // "" or "/photos", never with a slash at its end
};

// Accepts http:// and https://; refuses user names, queries, fragments and whatever is not a host name or address.
Result<OriginUrl> parse_origin_url(std::string_view url);

// For an error text: a URL as printable has it, "***" in the place of all that stands before an '@', which may be a
// password with slashes in it.
std::string printable_url(std::string_view url);

// What becomes of the target's path: "/photos/a%20b.jpg". Refuses an empty or over-long key and, unless allowed, one
// with a "." or ".." segment, raw or percent-encoded, which proxies and origins would resolve away.
Result<std::string> encode_target(std::string_view base_path, std::string_view key, bool dot_segments_allowed);

// Percent-encodes all but unreserved characters (RFC 3986 section 2.3) and, where `keep_slash`, '/'.
void percent_encode(std::string_view bytes, bool keep_slash, std::string &out);

// True for characters of a query (RFC 3986 section 3.4) with whole percent-encodings.
bool is_url_query(std::string_view text) noexcept;

}  // namespace octo
