// Strict reading of Content-Length and Content-Range, for content_range.hpp.
#include "transport/content_range.hpp"

#include <charconv>
#include <limits>

#include "base/ascii.hpp"

namespace octo {
namespace {

// Takes digits off the front. No sign, no space, no overflow.
std::optional<std::uint64_t> take_number(std::string_view &text) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view &text, char wanted) noexcept {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::uint64_t> parse_content_length(std::string_view value) noexcept {
  const auto length = take_number(value);
  return value.empty() ? length : std::nullopt;
}

std::optional<ContentRange> parse_content_range(std::string_view value) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::string_view kUnit = "bytes ";
  if (!starts_with_ignoring_case(value, kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const auto first = take_number(value);
  if (!first || !take(value, '-')) return std::nullopt;
  const auto last = take_number(value);
  if (!last || *last < *first || *last > kMax || !take(value, '/')) return std::nullopt;
  if (value == "*") return ContentRange{*first, *last, std::nullopt};
  const auto size = take_number(value);
  if (!size || !value.empty() || *size > kMax || *last >= *size) return std::nullopt;
  return ContentRange{*first, *last, size};
}

bool answers(const ContentRange &got, const ByteRange &asked) noexcept {
  if (asked.kind == ByteRange::Kind::closed) {
    const std::uint64_t last = got.size ? std::min(asked.last, *got.size - 1) : asked.last;
    return got.first == asked.first && got.last == last;
  }
  // Without the size nobody can tell where such a range begins or ends.
  if (!got.size || got.last != *got.size - 1) return false;
  if (asked.kind == ByteRange::Kind::from) return got.first == asked.first;
  return got.count() == std::min(asked.last, *got.size);
}

bool covers_whole(const ByteRange &asked, std::optional<std::uint64_t> size) noexcept {
  switch (asked.kind) {
    case ByteRange::Kind::closed: return asked.first == 0 && size && (*size == 0 || *size - 1 <= asked.last);
    case ByteRange::Kind::from: return asked.first == 0;
    case ByteRange::Kind::suffix: return size && *size <= asked.last;
  }
  return false;
}

}  // namespace octo
