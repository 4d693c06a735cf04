// Parsing and encoding for url.hpp.
#include "base/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"
#include "base/printable.hpp"

namespace octo {
namespace {

constexpr std::string_view kUrlForm = "write https://host/base or http://host:port/base";

bool is_unreserved(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

Failure refuse(std::string_view url, const std::string &why) {
  return {Status::invalid_argument, "url '" + printable_url(url) + "': " + why};
}

// Whole percent-encodings and nothing but `plain` characters besides.
bool is_encoded(std::string_view text, std::string_view plain) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return false;
      i += 2;
    } else if (!is_unreserved(text[i]) && plain.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_host_name(std::string_view host) noexcept {
  if (host.empty() || host.size() > 253 || host.front() == '.') return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

// Rewrites an address in its one normal form (RFC 5952). libcurl does so by itself when that is shorter, and the host
// that is signed must be the host that is sent.
bool normalize_ipv6(std::string &text) {
  in6_addr address{};
  char normal[INET6_ADDRSTRLEN] = {};
  if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return false;
  if (::inet_ntop(AF_INET6, &address, normal, sizeof normal) == nullptr) return false;
  text = normal;
  return true;
}

// "0x7f", "127".
bool is_number_label(std::string_view label) noexcept {
  const bool is_hexadecimal = label.starts_with("0x");
  if (is_hexadecimal) label.remove_prefix(2);
  return !label.empty() && std::all_of(label.begin(), label.end(),
                                       [&](char c) { return is_hexadecimal ? hex_value(c) >= 0 : is_digit(c); });
}

// Numbers alone, which libcurl and resolvers take for an IPv4 address in one of its old forms: "127.1", "0x7f.0.0.1",
// "2130706433". Such a host would be sent as another one than it was checked as.
bool is_odd_ipv4(const std::string &host) noexcept {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return false;
  std::string_view rest = host;
  if (rest.ends_with('.')) rest.remove_suffix(1);
  while (true) {
    const std::size_t dot = rest.find('.');
    if (!is_number_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

Result<std::uint16_t> parse_port(std::string_view url, std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return refuse(url, "the port must be a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

// Splits "host:port" or "[address]:port" into `origin`.
Result<Done> parse_authority(std::string_view url, std::string_view text, OriginUrl &origin) {
  if (text.find('@') != std::string_view::npos) {
    return refuse(url.substr(0, url.find("://") + 3),
                  "user names and passwords in a URL are refused; set a header or credentials instead");
  }
  const bool bracketed = !text.empty() && text.front() == '[';
  const std::size_t end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return refuse(url, "the bracket of the address is not closed");
  origin.host = std::string(text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end));
  const std::string_view rest = text.substr(bracketed ? end + 1 : end);
  if (!rest.empty() && rest.front() != ':') return refuse(url, "the host is not a host name");
  std::transform(origin.host.begin(), origin.host.end(), origin.host.begin(), to_lower);
  if (bracketed ? !normalize_ipv6(origin.host) : !is_host_name(origin.host)) {
    return refuse(url, "the host is not a host name or address; international names need their xn-- form");
  }
  if (!bracketed && is_odd_ipv4(origin.host)) {
    return refuse(url, "an IPv4 address has four decimal numbers, such as 192.0.2.7");
  }
  const std::string scheme = origin.secure ? "https://" : "http://";
  origin.authority = scheme + (bracketed ? "[" + origin.host + "]" : origin.host);
  origin.port = origin.secure ? 443 : 80;
  if (rest.empty()) return Done{};
  auto parsed = parse_port(url, rest.substr(1));
  if (!parsed.is_ok()) return parsed.failure();
  if (parsed.value() != origin.port) origin.authority += ":" + std::to_string(parsed.value());
  origin.port = parsed.value();
  return Done{};
}

// "." or "..", also written %2e.
bool is_dot_segment(std::string_view segment) noexcept {
  std::size_t dots = 0;
  while (!segment.empty() && dots < 3) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' && to_lower(segment[2]) == 'e') {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return segment.empty() && (dots == 1 || dots == 2);
}

bool has_dot_segment(std::string_view key) noexcept {
  while (true) {
    const std::size_t slash = key.find('/');
    if (is_dot_segment(key.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    key.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<OriginUrl> parse_origin_url(std::string_view url) {
  OriginUrl origin;
  if (starts_with_ignoring_case(url, "https://")) {
    origin.secure = true;
  } else if (!starts_with_ignoring_case(url, "http://")) {
    return refuse(url, "no http or https URL; " + std::string(kUrlForm));
  }
  const std::string_view rest = url.substr(origin.secure ? 8 : 7);
  const std::size_t path_at = std::min(rest.find_first_of("/?#"), rest.size());
  if (auto parsed = parse_authority(url, rest.substr(0, path_at), origin); !parsed.is_ok()) {
    return parsed.failure();
  }
  std::string_view path = rest.substr(path_at);
  if (path.find_first_of("?#") != std::string_view::npos) {
    return refuse(url, "a query or fragment belongs to a request, not to the origin");
  }
  if (!is_encoded(path, "/!$&'()*+,;=:@")) {
    return refuse(url, "the path has characters that must be percent-encoded");
  }
  if (has_dot_segment(path)) return refuse(url, "the path has a '.' or '..' segment");
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  origin.base_path = std::string(path);
  return origin;
}

std::string printable_url(std::string_view url) {
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return printable(url);
  // What stands before another colon may be a user name.
  const std::size_t colon = url.substr(0, at).find(':');
  const bool has_scheme = colon != std::string_view::npos && url.substr(colon).starts_with("://");
  return printable(url.substr(0, has_scheme ? colon + 3 : 0)) + "***" + printable(url.substr(at));
}

Result<std::string> encode_target(std::string_view base_path, std::string_view key, bool dot_segments_allowed) {
  if (key.empty()) return Failure{Status::invalid_key, "the key is empty"};
  if (key.size() > kKeyBytesMax) {
    return Failure{Status::invalid_key, "the key has " + std::to_string(key.size()) + " bytes; at most " +
                                            std::to_string(kKeyBytesMax) + " are allowed"};
  }
  if (!dot_segments_allowed && has_dot_segment(key)) {
    return Failure{Status::invalid_key, "the key '" + printable(key) +
                                            "' has a '.' or '..' segment; set "
                                            "key.dot_segments=true if the origin means it literally"};
  }
  std::string target;
  target.reserve(base_path.size() + 1 + key.size() + 16);
  target.append(base_path);
  target.push_back('/');
  percent_encode(key, true, target);
  return target;
}

void percent_encode(std::string_view bytes, bool keep_slash, std::string &out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : bytes) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xf]);
    }
  }
}

bool is_url_query(std::string_view text) noexcept { return is_encoded(text, "/!$&'()*+,;=:@?"); }

}  // namespace octo
