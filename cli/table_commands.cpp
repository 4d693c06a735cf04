// Words and lays out the tables of table_commands.hpp.
#include "table_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "exit_code.hpp"
#include "octofetch.h"
#include "option_table.hpp"

namespace octo::cli {
namespace {

constexpr const char *kOptionsPage =
    "# Options\n\n"
    "Every client takes these, by the same names in C (`octo_options_set`), in Python, in Node.js and on the command "
    "line\n(`--set NAME=VALUE`, or the variable `OCTOFETCH_NAME` with dots as underscores). Sizes are written `64KiB`, "
    "`32MiB`; spans of\ntime `300ms`, `1.2s`. A reloadable option may be changed while the client is open.\n\n"
    "| option | type | default | range | reloadable | what it does |\n|---|---|---|---|---|---|\n";

constexpr const char *kStatusesPage =
    "# Statuses\n\n"
    "How a key can end. The exit code is that of `octofetch get` for this key alone; several keys give 0 when all are "
    "well,\n4 when the others were only late, 6 or 3 when all others share that cause and none came, and else 1.\n\n"
    "| status | number | exit code | meaning |\n|---|---|---|---|\n";

constexpr octo_status kStatusesMax = 128;

const char *type_name(std::int32_t type) noexcept {
  switch (type) {
    case OCTO_TYPE_BOOL: return "bool";
    case OCTO_TYPE_COUNT: return "count";
    case OCTO_TYPE_SIZE: return "size";
    case OCTO_TYPE_DURATION: return "duration";
    default: return "text";
  }
}

bool has_flag(const octo_option_info &row, std::uint32_t flag) noexcept { return (row.flags & flag) != 0; }

std::string range_of(const octo_option_info &row) {
  const std::string_view minimum = row.minimum;
  const std::string_view maximum = row.maximum;
  if (minimum.empty() && maximum.empty()) return "";
  if (minimum.empty()) return fmt::format("up to {}", maximum);
  if (maximum.empty()) return fmt::format("from {}", minimum);
  return fmt::format("{} to {}", minimum, maximum);
}

// A cell of a Markdown table, where a bar would begin the next one.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", cell(text)); }

std::string options_text(const std::vector<octo_option_info> &table) {
  std::string text;
  for (const octo_option_info &row : table) {
    std::string facts = type_name(row.type);
    if (*row.default_value != '\0') facts += fmt::format(", default {}", row.default_value);
    if (const std::string range = range_of(row); !range.empty()) facts += fmt::format(", {}", range);
    if (has_flag(row, OCTO_OPTION_RELOADABLE)) facts += ", reloadable";
    if (has_flag(row, OCTO_OPTION_SECRET)) facts += ", secret";
    text += fmt::format("{}  ({})\n    {}\n", row.name, facts, row.text);
  }
  return text;
}

std::string options_markdown(const std::vector<octo_option_info> &table) {
  std::string text = kOptionsPage;
  for (const octo_option_info &row : table) {
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", row.name, type_name(row.type), code(row.default_value),
                        cell(range_of(row)), has_flag(row, OCTO_OPTION_RELOADABLE) ? "yes" : "no", cell(row.text));
  }
  return text;
}

std::string options_json(const std::vector<octo_option_info> &table) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const octo_option_info &row : table) {
    rows.push_back({{"name", row.name},
                    {"type", type_name(row.type)},
                    {"default", row.default_value},
                    {"minimum", row.minimum},
                    {"maximum", row.maximum},
                    {"unit", row.unit},
                    {"reloadable", has_flag(row, OCTO_OPTION_RELOADABLE)},
                    {"secret", has_flag(row, OCTO_OPTION_SECRET)},
                    {"environment", environment_name(row.name)},
                    {"text", row.text}});
  }
  return nlohmann::ordered_json{{"v", 1}, {"options", rows}}.dump(2) + '\n';
}

struct StatusRow {
  octo_status status;
  std::string exit_code;  // "" for answers of calls, with which no key ends
};

std::vector<StatusRow> status_rows() {
  std::vector<StatusRow> rows;
  for (octo_status status = 0; status < kStatusesMax; ++status) {
    if (octo_status_name(status) == std::string_view("UNKNOWN")) continue;
    const bool is_outcome = status < OCTO_INVALID_ARGUMENT;
    rows.push_back({status, is_outcome ? std::to_string(exit_code_of(status)) : ""});
  }
  return rows;
}

}  // namespace

std::string options_table(TableFormat format) {
  const std::vector<octo_option_info> table = option_table();
  switch (format) {
    case TableFormat::json: return options_json(table);
    case TableFormat::markdown: return options_markdown(table);
    default: return options_text(table);
  }
}

std::string statuses_table(TableFormat format) {
  std::string text = format == TableFormat::markdown ? kStatusesPage : "";
  for (const StatusRow &row : status_rows()) {
    const char *name = octo_status_name(row.status);
    const char *meaning = octo_status_text(row.status);
    if (format == TableFormat::markdown) {
      text += fmt::format("| `{}` | {} | {} | {} |\n", name, row.status, row.exit_code, cell(meaning));
    } else if (!row.exit_code.empty()) {
      text += fmt::format("{:22} {:>3}  {}\n", name, row.exit_code, meaning);
    }
  }
  return text;
}

}  // namespace octo::cli
