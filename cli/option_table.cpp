// Reads the table through octo_option_describe.
#include "option_table.hpp"

#include <cctype>

namespace octo::cli {

std::vector<octo_option_info> option_table() {
  std::vector<octo_option_info> rows;
  octo_option_info row{};
  while (octo_option_describe(rows.size(), &row, sizeof row) == OCTO_OK) rows.push_back(row);
  return rows;
}

std::string environment_name(std::string_view option) {
  std::string name = "OCTOFETCH_";
  for (const char c : option) {
    name += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace octo::cli
