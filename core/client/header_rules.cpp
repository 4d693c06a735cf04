// Checks for header_rules.hpp.
#include "client/header_rules.hpp"

#include <algorithm>
#include <array>

#include "base/printable.hpp"

namespace octo {
namespace {

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kValueBytesMax = 4096;

// The library writes these itself, or a proxy on the way may act on them.
constexpr std::array<std::string_view, 19> kReserved = {"host",
                                                        "content-length",
                                                        "transfer-encoding",
                                                        "connection",
                                                        "keep-alive",
                                                        "te",
                                                        "trailer",
                                                        "upgrade",
                                                        "expect",
                                                        "proxy-authenticate",
                                                        "proxy-authorization",
                                                        "proxy-connection",
                                                        "range",
                                                        "if-match",
                                                        "if-none-match",
                                                        "if-range",
                                                        "user-agent",
                                                        "if-modified-since",
                                                        "if-unmodified-since"};
constexpr std::array<std::string_view, 4> kSigning = {"x-amz-date", "x-amz-content-sha256", "x-amz-security-token",
                                                      "x-amz-signature"};
constexpr std::array<std::string_view, 2> kSecret = {"authorization", "cookie"};

// A token of RFC 9110 section 5.6.2.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_word || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// No control byte but a tab: a line feed would begin another header.
bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char &c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N> &names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view trim(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

Failure refuse(std::string_view name, const std::string &why) {
  return {Status::invalid_argument, "header '" + printable(name, 64) + "': " + why};
}

}  // namespace

Result<std::string> header_line(std::string_view name, std::string_view value, bool is_exposed) {
  if (name.size() > kNameBytesMax || !is_token(name)) {
    return refuse(name, "a name is 1 to 128 letters, digits or any of !#$%&'*+-.^_`|~");
  }
  value = trim(value);
  if (value.size() > kValueBytesMax || !is_field_value(value)) {
    return refuse(name, "a value has at most 4096 bytes and no line feed or other control byte");
  }
  const std::string key = lower(name);
  if (contains(kReserved, key)) {
    return refuse(name,
                  "the library sets this header itself, or it belongs to one hop; use the "
                  "request's or the client's own fields instead");
  }
  if (contains(kSigning, key)) return refuse(name, "signing sets this header");
  if (is_exposed && contains(kSecret, key)) {
    return refuse(name, "it would travel in plain text; open the client with https");
  }
  // libcurl takes "Name;" for a header without a value, and drops "Name:".
  if (value.empty()) return std::string(name) + ";";
  return std::string(name) + ": " + std::string(value);
}

Result<std::vector<std::string>> header_lines(std::string_view text, bool is_exposed) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return Failure{Status::invalid_argument, "headers: a line has no colon; write 'Name: value'"};
    }
    auto checked = header_line(line.substr(0, colon), line.substr(colon + 1), is_exposed);
    if (!checked.is_ok()) return checked.failure();
    lines.push_back(std::move(checked.value()));
  }
  return lines;
}

bool is_authorization(std::string_view line) noexcept {
  constexpr std::string_view kName = "authorization:";
  if (line.size() < kName.size()) return false;
  return std::equal(kName.begin(), kName.end(), line.begin(), [](char expected, char c) {
    return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  });
}

bool is_entity_tag(std::string_view text) noexcept {
  if (text == "*") return true;
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() < 2 || text.size() > 1024 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
  });
}

}  // namespace octo
