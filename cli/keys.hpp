// Reads lists of keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace octo::cli {

constexpr std::size_t kKeysMax = 16'384;  // batch.requests_max: what one batch holds

// The keys of a file, or of standard input for "-": each ends in `separator`, the last one may lack it, empty ones are
// skipped. No other byte is special. Throws Failure when it cannot be read or holds more than kKeysMax keys.
std::vector<std::string> read_keys(const std::string &file, char separator);

// Adds the keys of one text; false as soon as there are more than kKeysMax.
bool split_keys(std::string_view text, char separator, std::vector<std::string> &keys);

// Throws Failure when there are more keys than a batch holds.
void check_key_count(std::size_t count);

}  // namespace octo::cli
