// A strict reader of request heads.
#include "request_head.hpp"

#include <cstring>

namespace octo::origin {

namespace {

bool is_token(std::string_view text) {
  static constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";
  if (text.empty()) return false;
  for (const char byte : text) {
    const bool is_alphanumeric =
        (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    if (!is_alphanumeric && kSpecial.find(byte) == std::string_view::npos) return false;
  }
  return true;
}

bool has_control_byte(std::string_view text, bool is_tab_allowed) {
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if ((value < 0x20 || value == 0x7f) && !(is_tab_allowed && value == '\t')) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool read_request_line(std::string_view line, RequestHead &head, bool &is_old) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(head.method) || head.target.empty()) return false;
  if (has_control_byte(head.target, false) || head.target.find(' ') != std::string_view::npos) return false;
  is_old = version == "HTTP/1.0";
  return is_old || version == "HTTP/1.1";
}

// Takes the target apart; an absolute target, as a proxy is sent, loses scheme and authority.
bool split_target(RequestHead &head) {
  std::string_view rest = head.target;
  if (rest.front() != '/') {
    const std::size_t authority = rest.find("://");
    if (authority == std::string_view::npos) return false;
    const std::size_t path = rest.find('/', authority + 3);
    rest = path == std::string_view::npos ? std::string_view("/") : rest.substr(path);
  }
  const std::size_t question = rest.find('?');
  head.path = rest.substr(0, question);
  head.query = question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  return true;
}

bool read_header_line(std::string_view line, RequestHead &head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (has_control_byte(value, true)) return false;
  head.headers.emplace_back(line.substr(0, colon), value);
  return true;
}

void apply_connection_headers(RequestHead &head, bool is_old) {
  const std::string_view *connection = head.header("connection");
  head.is_keep_alive = !is_old;
  if (connection != nullptr && is_equal_ignoring_case(*connection, "close")) head.is_keep_alive = false;
  if (connection != nullptr && is_equal_ignoring_case(*connection, "keep-alive")) head.is_keep_alive = true;
  const std::string_view *length = head.header("content-length");
  head.has_body = head.header("transfer-encoding") != nullptr || (length != nullptr && *length != "0");
}

}  // namespace

const std::string_view *RequestHead::header(std::string_view name) const {
  for (const auto &[known, value] : headers) {
    if (is_equal_ignoring_case(known, name)) return &value;
  }
  return nullptr;
}

HeadState read_request_head(std::string_view input, RequestHead &head, std::size_t &size_out) {
  const std::size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return input.size() > kHeadBytesMax ? HeadState::kTooLarge : HeadState::kIncomplete;
  }
  if (end > kHeadBytesMax) return HeadState::kTooLarge;
  size_out = end + 4;
  head.raw = input.substr(0, end + 2);
  std::string_view rest = head.raw;
  bool is_first = true;
  bool is_old = false;
  while (!rest.empty()) {
    const std::size_t line_end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, line_end);
    rest.remove_prefix(line_end + 2);
    const bool is_good = is_first ? read_request_line(line, head, is_old) : read_header_line(line, head);
    if (!is_good) return HeadState::kMalformed;
    is_first = false;
  }
  if (!split_target(head)) return HeadState::kMalformed;
  apply_connection_headers(head, is_old);
  return HeadState::kComplete;
}

bool is_equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace octo::origin
