// Spans of time and sizes as people read and write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace octo::cli {

std::string format_duration(std::uint64_t span_us);  // "850 us", "2.4 ms", "27 ms", "1.24 s"
std::string format_size(std::uint64_t size);         // "512 B", "9.8 KiB", "24 MiB"
std::string format_count(std::uint64_t count);       // "16,384"

// "300ms", "1.2s", "500us" in microseconds; nothing for any other text.
std::optional<std::uint64_t> parse_duration_us(std::string_view text) noexcept;

}  // namespace octo::cli
