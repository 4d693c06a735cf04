// Bytes of callers and origins as text that is safe in a terminal, a log and an error message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace octo {

// Printable ASCII and valid UTF-8 stay (a C1 control, a backslash or a quote does not); other bytes become \xNN. Cut
// behind `bytes_max` bytes of the result with "...".
std::string printable(std::string_view bytes, std::size_t bytes_max = 200);

// The length of the valid UTF-8 sequence at the start of `bytes`, 0 when there is none.
std::size_t utf8_sequence_size(std::string_view bytes) noexcept;

bool is_utf8(std::string_view bytes) noexcept;

}  // namespace octo
