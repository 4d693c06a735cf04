// Fills the library's set of options.
#include "settings.hpp"

#include <fmt/format.h>

#include "escape.hpp"
#include "exit_code.hpp"
#include "keys.hpp"
#include "option_table.hpp"

namespace octo::cli {
namespace {

void set(octo_options *options, const std::string &name, const std::string &value, std::string_view from) {
  octo_error error = OCTO_ERROR_INIT;
  if (octo_options_set(options, name.c_str(), value.c_str(), &error) == OCTO_OK) return;
  throw Failure(kExitConfiguration, fmt::format("{}: {}", from, escape_sentence(error.text)));
}

}  // namespace

Settings read_settings(const std::vector<Setting> &from_arguments, const Environment &environment) {
  octo_options *created = nullptr;
  if (octo_options_create(&created) != OCTO_OK) throw Failure(kExitSomeFailed, "out of memory");
  Settings settings{Options(created), false};
  // The limit keeps a service from a backlog; here the backlog is the one batch that was asked for.
  set(created, "queue.max", std::to_string(kKeysMax), "queue.max");
  const std::vector<octo_option_info> table = option_table();
  for (const octo_option_info &row : table) {
    const std::string variable = environment_name(row.name);
    const std::string value(environment.get(variable));
    if (value.empty()) continue;
    set(created, row.name, value, variable);
    settings.has_budget |= row.name == std::string_view("budget");
  }
  for (const Setting &setting : from_arguments) {
    for (const octo_option_info &row : table) {
      const bool is_secret = (row.flags & OCTO_OPTION_SECRET) != 0 && setting.name == row.name;
      if (!is_secret) continue;
      throw Failure(kExitUsage, fmt::format("--set: {} is a secret, and every user of this machine can read a command "
                                            "line; set {} in the environment",
                                            row.name, environment_name(row.name)));
    }
    set(created, setting.name, setting.value, "--set");
    settings.has_budget |= setting.name == "budget";
  }
  return settings;
}

}  // namespace octo::cli
