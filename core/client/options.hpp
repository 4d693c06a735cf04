// The values of one client's options: what was set, and defaults for the rest.
#pragma once

#include <array>
#include <string_view>

#include "base/time.hpp"
#include "client/option_table.hpp"

namespace octo {

inline constexpr std::size_t kOptionCount = static_cast<std::size_t>(OptionId::s3_plain_http) + 1;

class Options {
 public:
  // Every option at its default.
  Options();

  Result<Done> set(std::string_view name, std::string_view value);

  // False for an option that has only its default.
  bool is_set(OptionId id) const noexcept { return is_set_[index(id)]; }
  const OptionValue &value(OptionId id) const noexcept { return values_[index(id)]; }
  std::uint64_t number(OptionId id) const noexcept { return value(id).number; }
  std::uint32_t count(OptionId id) const noexcept { return static_cast<std::uint32_t>(number(id)); }
  bool flag(OptionId id) const noexcept { return number(id) != 0; }
  Duration duration(OptionId id) const noexcept { return Duration(static_cast<Duration::rep>(number(id))); }
  const std::string &text(OptionId id) const noexcept { return value(id).text; }

 private:
  static constexpr std::size_t index(OptionId id) noexcept { return static_cast<std::size_t>(id); }

  std::array<OptionValue, kOptionCount> values_;
  std::array<bool, kOptionCount> is_set_{};
};

}  // namespace octo
