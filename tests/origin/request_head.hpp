// Reads the head of an HTTP/1.x request, strictly: whatever a client must never send (a bare CR, a space in the target, a control
// byte in a header) makes it malformed, which the report counts. Bodies are not its business.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace octo::origin {

constexpr std::size_t kHeadBytesMax = 64 * 1024;

// Views into the input it was read from; valid as long as those bytes stay where they are.
struct RequestHead {
  std::string_view raw;  // Request line and header lines with the last CRLF, without the empty line.
  std::string_view method;
  std::string_view target;  // As on the wire.
  std::string_view path;    // The target without scheme, authority and query, still encoded.
  std::string_view query;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  bool is_keep_alive = true;
  bool has_body = false;

  // The first header of this name, ignoring case; null when there is none.
  const std::string_view *header(std::string_view name) const;
};

enum class HeadState { kIncomplete, kComplete, kMalformed, kTooLarge };

// Reads the head at the start of `input`; when complete, `size_out` says how many bytes it took.
HeadState read_request_head(std::string_view input, RequestHead &head, std::size_t &size_out);

bool is_equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace octo::origin
