// Defaults and setting for options.hpp.
#include "client/options.hpp"

#include <utility>

#include "base/assert.hpp"

namespace octo {

Options::Options() {
  for (const OptionRow &row : option_table()) {
    OCTO_ASSERT(&option_row(row.id) == &row);
    const std::string_view text = row.default_value;
    if (text.empty()) continue;
    values_[index(row.id)] = std::move(parse_option(row, text).value());
  }
}

Result<Done> Options::set(std::string_view name, std::string_view value) {
  const auto row = find_option(name);
  if (!row.is_ok()) return row.failure();
  auto parsed = parse_option(*row.value(), value);
  if (!parsed.is_ok()) return parsed.failure();
  values_[index(row.value()->id)] = std::move(parsed.value());
  is_set_[index(row.value()->id)] = true;
  return Done{};
}

}  // namespace octo
