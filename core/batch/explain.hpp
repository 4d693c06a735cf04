// What happened to a frozen batch, told in three ways: a line for a log, a document for a program, a picture for the
// person who asks where the time went.
//
// For a frozen batch only; any thread. May throw std::bad_alloc. Keys and texts of origins are escaped: whatever bytes
// they hold, the line is one line, the JSON is valid UTF-8 and the SVG is well-formed XML.
#pragma once

#include <cstdint>
#include <string>

#include "batch/batch.hpp"

namespace octo {

// "97 of 100 in 300 ms; late 3: waiting 2 (127.0.0.1:80), queued 1; failed 1: CONNECT_FAILED 1; missing 2". Reasons
// stand in the order of their counts, the rarest behind "and N more".
std::string explain_line(Batch &batch);

// One object, "v":1. Fields are added, never renamed; a key that is no UTF-8 is "key_base64" instead of "key";
// "source" is null for a request that brought nothing. Instants and spans are microseconds, instants from submit.
std::string explain_json(Batch &batch);

// A timeline of one bar per key, split in phases; self-contained, for light and dark backgrounds. Of a large batch it
// shows what is not ok and the slowest, and says how many it leaves out.
std::string explain_svg(Batch &batch);

inline constexpr std::size_t kTimelineRowsMax = 200;

// "300 ms", "4.2 ms", "0.35 ms": three digits where there are so many, as the line and the picture write a span.
std::string milliseconds_text(std::uint64_t microseconds);

}  // namespace octo
