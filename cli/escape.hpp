// Bytes of keys, bodies and servers as text that cannot steer a terminal.
#pragma once

#include <string>
#include <string_view>

namespace octo::cli {

// Printable ASCII and valid UTF-8 stay; control characters, marks that hide or reorder text, other bytes, a backslash
// and a quote become \xNN, so that the bytes can be had back.
std::string escape(std::string_view bytes);

// As escape, as one word: a space becomes \x20 too, and nothing at all becomes "".
std::string escape_word(std::string_view bytes);

// For sentences, which may quote what is escaped already: backslashes and quotes stay.
std::string escape_sentence(std::string_view text);

// Whether a terminal may be shown these bytes as they are: UTF-8 without control characters but tab and line ends.
bool is_plain_text(std::string_view bytes) noexcept;

}  // namespace octo::cli
