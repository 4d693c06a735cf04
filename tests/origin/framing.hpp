// How the body is delimited on the wire: by length, in chunks or by the end of the connection; and every way to get that wrong.
#pragma once

#include <string>

#include "plan.hpp"
#include "response.hpp"
#include "script.hpp"

namespace octo::origin {

// What follows the body: the connection stays usable, ends, or says nothing more.
enum class After { kReady, kClose, kStall };

struct Framed {
  Response response;         // Without its body, which has moved to `body`.
  std::string header_lines;  // The framing headers, each with its CRLF.
  Spans body;                // As on the wire, chunk marks included.
  std::string endless_unit;  // Not empty: repeated after the body, without end.
  double endless_every_ms = 0;
  Spans excess;  // Sent later, on its own.
  double excess_gap_ms = 0;
  After after = After::kReady;
  bool has_close_notify = false;
  bool is_cut = false;  // The stream ends before the reply does.
};

// `fault` (of framing) and `cut` (in the body) may be null. A cut leaves so many bytes of content, by default half.
Framed frame_body(const Reply &reply, const Fault *fault, const Fault *cut, Response response);

// What HEAD asks for: the head says what the body would be like, and nothing follows it.
void drop_body(Framed &framed);

// Changes one byte of the body; nothing when it is shorter.
void flip_byte(Spans &body, std::uint64_t at);

}  // namespace octo::origin
