// Fills the library's set of options.
#include "settings.hpp"

#include <fmt/format.h>

#include <algorithm>

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

// The first of the variables that is set, for an option that nothing of ours sets.
struct AwsVariable {
  const char *option;
  const char *first;
  const char *second;
};
constexpr AwsVariable kAwsPlace[] = {{"s3.region", "AWS_REGION", "AWS_DEFAULT_REGION"},
                                     {"s3.endpoint", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}};
constexpr AwsVariable kAwsCredentials[] = {{"s3.access_key_id", "AWS_ACCESS_KEY_ID", ""},
                                           {"s3.secret_access_key", "AWS_SECRET_ACCESS_KEY", ""},
                                           {"s3.session_token", "AWS_SESSION_TOKEN", ""}};

void set_from_aws(octo_options *options, const AwsVariable &variable, const Environment &environment) {
  for (const char *name : {variable.first, variable.second}) {
    const std::string value(environment.get(name));
    if (value.empty()) continue;
    return set(options, variable.option, value, name);
  }
}

void set_all_from_aws(octo_options *options, const std::vector<Setting> &settings, const Environment &environment) {
  const auto is_ours = [&](const char *option) {
    const auto names = [&](const Setting &setting) { return setting.name == option; };
    return !environment.get(environment_name(option)).empty() || std::any_of(settings.begin(), settings.end(), names);
  };
  for (const AwsVariable &place : kAwsPlace) {
    if (!is_ours(place.option)) set_from_aws(options, place, environment);
  }
  // A key id belongs to its secret and its token: those of two places are never mixed.
  if (is_ours("s3.access_key_id") || is_ours("s3.unsigned")) return;
  for (const AwsVariable &part : kAwsCredentials) set_from_aws(options, part, environment);
}

}  // namespace

Settings read_settings(std::string_view url, const std::vector<Setting> &from_arguments,
                       const Environment &environment) {
  octo_options *created = nullptr;
  if (octo_options_create(&created) != OCTO_OK) throw Failure(kExitSomeFailed, "out of memory");
  Settings settings{Options(created), false};
  // The limit keeps a service from a backlog; here the backlog is the one batch that was asked for.
  set(created, "queue.max", std::to_string(kKeysMax), "queue.max");
  if (url.starts_with("s3://") || url.starts_with("S3://")) set_all_from_aws(created, from_arguments, environment);
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
