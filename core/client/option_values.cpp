// Reading and writing option values: counts, sizes such as 256MiB, durations such as 300ms.
#include <algorithm>
#include <charconv>
#include <string>

#include "base/printable.hpp"
#include "client/option_table.hpp"

namespace octo {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit kSizeUnits[] = {
    {"TiB", std::uint64_t{1} << 40}, {"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"B", 1}};
constexpr Unit kDurationUnits[] = {
    {"min", 60'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}, {"s", 1'000'000'000}};

// Of texts whose row names no maximum.
constexpr std::size_t kTextSizeMax = 65536;

struct Parsed {
  std::uint64_t number = 0;
  bool is_valid = false;
};

Parsed parse_whole(std::string_view text) noexcept {
  Parsed parsed;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed.number);
  parsed.is_valid = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return parsed;
}

// "1.5" times the factor, without floating point: digits behind the point that make no whole unit are refused.
Parsed parse_scaled(std::string_view text, std::uint64_t factor) noexcept {
  const std::size_t point = text.find('.');
  const Parsed whole = parse_whole(text.substr(0, point));
  if (!whole.is_valid || whole.number > UINT64_MAX / factor) return {};
  std::uint64_t number = whole.number * factor;
  if (point == std::string_view::npos) return {number, true};
  const std::string_view digits = text.substr(point + 1);
  if (digits.empty() || digits.size() > 9) return {};
  std::uint64_t scale = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) scale *= 10;
  const Parsed part = parse_whole(digits);
  if (!part.is_valid || factor > UINT64_MAX / scale) return {};
  if (part.number * factor % scale != 0) return {};
  number += part.number * factor / scale;
  return {number, number >= whole.number * factor};
}

template <std::size_t N>
Parsed parse_with_unit(std::string_view text, const Unit (&units)[N]) noexcept {
  for (const Unit &unit : units) {
    if (text.size() > unit.name.size() && text.ends_with(unit.name)) {
      return parse_scaled(text.substr(0, text.size() - unit.name.size()), unit.factor);
    }
  }
  return {};
}

Parsed parse_number(OptionType type, std::string_view text) noexcept {
  switch (type) {
    case OptionType::boolean:
      if (text == "true" || text == "1") return {1, true};
      return {0, text == "false" || text == "0"};
    case OptionType::count: return parse_whole(text);
    case OptionType::size: {
      const Parsed bytes = parse_whole(text);
      return bytes.is_valid ? bytes : parse_with_unit(text, kSizeUnits);
    }
    case OptionType::duration: return parse_with_unit(text, kDurationUnits);
    case OptionType::text: break;
  }
  return {};
}

const char *type_example(OptionType type) noexcept {
  switch (type) {
    case OptionType::boolean: return "true or false";
    case OptionType::count: return "a whole number, such as 64";
    case OptionType::size: return "a size, such as 256MiB or 4096";
    case OptionType::duration: return "a duration with its unit, such as 300ms or 1.5s";
    case OptionType::text: break;
  }
  return "text";
}

Failure refuse(const OptionRow &row, std::string_view value, const std::string &why) {
  const std::string shown = row.is_secret ? "***" : printable(value, 64);
  return {Status::invalid_argument, std::string(row.name) + ": '" + shown + "' " + why};
}

Result<OptionValue> parse_text(const OptionRow &row, std::string_view value) {
  const std::string_view maximum = row.maximum;
  const std::uint64_t size_max = maximum.empty() ? kTextSizeMax : parse_number(OptionType::size, maximum).number;
  if (value.find('\0') != std::string_view::npos || value.size() > size_max) {
    return refuse(row, value, "is longer than " + std::to_string(size_max) + " bytes or holds a NUL");
  }
  return OptionValue{0, std::string(value)};
}

template <std::size_t N>
std::string format_with_unit(std::uint64_t number, const Unit (&units)[N]) {
  const Unit *best = nullptr;
  for (const Unit &unit : units) {
    const bool is_whole = number % unit.factor == 0 && number >= unit.factor;
    if (is_whole && (best == nullptr || unit.factor > best->factor) && unit.name != "min") {
      best = &unit;
    }
  }
  if (best == nullptr) best = &units[N - 1];
  return std::to_string(number / best->factor) + std::string(best->name);
}

}  // namespace

Result<OptionValue> parse_option(const OptionRow &row, std::string_view value) {
  if (row.type == OptionType::text) return parse_text(row, value);
  const Parsed parsed = parse_number(row.type, value);
  if (!parsed.is_valid) {
    return refuse(row, value, std::string("is not valid; write ") + type_example(row.type));
  }
  const std::string_view minimum = row.minimum;
  const std::string_view maximum = row.maximum;
  if ((!minimum.empty() && parsed.number < parse_number(row.type, minimum).number) ||
      (!maximum.empty() && parsed.number > parse_number(row.type, maximum).number)) {
    return refuse(row, value, std::string("is out of range; it may be ") + row.minimum + " to " + row.maximum);
  }
  return OptionValue{parsed.number, {}};
}

std::string format_option(const OptionRow &row, const OptionValue &value) {
  switch (row.type) {
    case OptionType::text: return value.text;
    case OptionType::boolean: return value.number != 0 ? "true" : "false";
    case OptionType::count: return std::to_string(value.number);
    case OptionType::size: return format_with_unit(value.number, kSizeUnits);
    case OptionType::duration: return format_with_unit(value.number, kDurationUnits);
  }
  return {};
}

}  // namespace octo
