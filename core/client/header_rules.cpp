// Checks for header_rules.hpp.
#include "client/header_rules.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/printable.hpp"

namespace octo {
namespace {

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kValueBytesMax = 4096;
// A list may have been written with line ends of other systems.
constexpr std::string_view kBlanks = " \t\r";

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

// No control byte but a tab: a line feed would begin another header.
bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N> &names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Failure refuse(std::string_view name, const std::string &why) {
  return {Status::invalid_argument, "header '" + printable(name, 64) + "': " + why};
}

}  // namespace

Result<std::string> header_line(std::string_view name, std::string_view value, bool is_exposed) {
  if (name.size() > kNameBytesMax || !is_token(name)) {
    return refuse(name, "a name is 1 to 128 letters, digits or any of !#$%&'*+-.^_`|~");
  }
  value = trimmed(value, kBlanks);
  if (value.size() > kValueBytesMax || !is_field_value(value)) {
    return refuse(name, "a value has at most 4096 bytes and no line feed or other control byte");
  }
  const std::string key = lower_case(name);
  if (contains(kReserved, key)) {
    return refuse(name,
                  "the library sets this header itself, or it belongs to one hop; use the "
                  "request's or the client's own fields instead");
  }
  if (contains(kSigning, key)) return refuse(name, "signing sets this header");
  // It would be signed; a run of blanks counts as one for every store, but some keep a tab within it.
  if (key.starts_with("x-amz-") && value.find('\t') != std::string_view::npos) {
    return refuse(name, "stores differ in how they sign a tab; write a blank");
  }
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
    const std::string_view line = trimmed(text.substr(0, end), kBlanks);
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
  return starts_with_ignoring_case(line, "authorization:") || starts_with_ignoring_case(line, "authorization;");
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
