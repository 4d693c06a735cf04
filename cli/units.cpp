// Formatting and parsing for units.hpp.
#include "units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace octo::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t span_us;
};

constexpr Unit kUnits[] = {{"us", 1}, {"ms", 1000}, {"s", 1'000'000}};

// A number of at most nine digits, which cannot overflow whatever unit follows.
std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
  constexpr std::size_t kDigitsMax = 9;
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string format_duration(std::uint64_t span_us) {
  const auto span = static_cast<double>(span_us);
  if (span_us < 1000) return fmt::format("{} us", span_us);
  if (span_us < 9950) return fmt::format("{:.1f} ms", span / 1e3);
  if (span_us < 999'500) return fmt::format("{:.0f} ms", span / 1e3);
  if (span_us < 9'995'000) return fmt::format("{:.3g} s", span / 1e6);
  return fmt::format("{:.0f} s", span / 1e6);
}

std::string format_size(std::uint64_t size) {
  constexpr std::string_view kNames[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (size < 1024) return fmt::format("{} B", size);
  std::size_t unit = 0;
  auto amount = static_cast<double>(size);
  while (amount >= 1023.5) {
    amount /= 1024;
    ++unit;
  }
  return amount < 9.95 ? fmt::format("{:.1f} {}", amount, kNames[unit])
                       : fmt::format("{:.0f} {}", amount, kNames[unit]);
}

std::string format_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t from_end = 3; from_end < text.size(); from_end += 4) text.insert(text.size() - from_end, 1, ',');
  return text;
}

std::optional<std::uint64_t> parse_duration_us(std::string_view text) noexcept {
  const std::size_t number_size = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view name = text.substr(number_size);
  const auto *unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit &u) { return u.name == name; });
  if (unit == std::end(kUnits)) return std::nullopt;

  const std::string_view number = text.substr(0, number_size);
  const std::size_t point = number.find('.');
  const auto whole = parse_digits(number.substr(0, point));
  if (!whole) return std::nullopt;
  if (point == std::string_view::npos) return *whole * unit->span_us;

  const std::string_view fraction = number.substr(point + 1);
  const auto numerator = parse_digits(fraction);
  if (!numerator) return std::nullopt;
  std::uint64_t denominator = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) denominator *= 10;
  return *whole * unit->span_us + *numerator * unit->span_us / denominator;
}

}  // namespace octo::cli
