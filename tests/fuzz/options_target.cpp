// Options of any name and value, set on a set, given to a client of any URL, and set on that client.
//
// An input is a URL and then lines "name=value", where a vertical tab stands for a line feed. Nothing is submitted, so
// that no thread starts and nothing goes on the net.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "octofetch.h"
#include "require.hpp"
#include "target.hpp"

namespace octo::fuzz {
namespace {

using Setting = std::pair<std::string, std::string>;

std::vector<octo_option_info> option_rows() {
  std::vector<octo_option_info> rows;
  octo_option_info row{};
  while (octo_option_describe(rows.size(), &row, sizeof row) == OCTO_OK) rows.push_back(row);
  return rows;
}

const octo_option_info *find_row(const std::string &name) {
  static const auto rows = option_rows();
  for (const octo_option_info &row : rows) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

bool is_secret(const std::string &name) {
  const octo_option_info *row = find_row(name);
  return row != nullptr && (row->flags & OCTO_OPTION_SECRET) != 0;
}

std::vector<Setting> read_settings(Input &input) {
  constexpr std::size_t kSettingsMax = 64;
  std::vector<Setting> settings;
  while (!input.is_empty() && settings.size() < kSettingsMax) {
    Input line(input.line());
    const std::string name(line.until('='));
    std::string value(line.rest());
    for (char &byte : value) {
      if (byte == '\v') byte = '\n';
    }
    settings.emplace_back(name.c_str(), value.c_str());
  }
  return settings;
}

class Error {
 public:
  octo_error *raw() noexcept { return &error_; }

  // What every refusal owes its caller, whatever `answer` is.
  void check(octo_status answer, const std::vector<Setting> &settings) const {
    if (answer == OCTO_OK) return;
    const std::string_view text = error_.text;
    require(error_.status == answer, "an error has the status of the answer", text);
    require_sentence(text, sizeof error_.text - 1);
    for (const auto &[name, value] : settings) {
      // A short value occurs in a sentence by chance, and one that stands elsewhere as well is quoted from there.
      if (!is_secret(name) || name == "headers" || value.size() < 24 || !stands_once(value, settings)) continue;
      require(text.find(value) == std::string_view::npos, "no error text holds a secret", text);
    }
  }

 private:
  static bool stands_once(const std::string &secret, const std::vector<Setting> &settings) {
    int count = 0;
    for (const auto &[name, value] : settings) {
      if (name.find(secret) != std::string::npos || value.find(secret) != std::string::npos) ++count;
    }
    return count == 1;
  }

  octo_error error_ = OCTO_ERROR_INIT;
};

std::string value_of(octo_client *client, const char *name) {
  std::string text(64, '\0');
  std::size_t size = 0;
  require(octo_client_get(client, name, text.data(), text.size(), &size) == OCTO_OK, "every option can be read", name);
  if (size < text.size()) return text.substr(0, size);
  require(size <= 65536, "the value of an option is bounded", name);
  text.resize(size + 1);
  require(octo_client_get(client, name, text.data(), text.size(), nullptr) == OCTO_OK, "and read again", name);
  return text.substr(0, size);
}

// What can be read can be set, and means the same.
void check_round_trip(octo_client *client, octo_options *fresh, const octo_option_info &row) {
  const std::string text = value_of(client, row.name);
  if ((row.flags & OCTO_OPTION_SECRET) != 0) {
    require(text.empty() || text == "***", "a secret is not read back", row.name);
    return;
  }
  const bool is_unset = text.empty() && row.type != OCTO_TYPE_TEXT;
  if (is_unset) return;
  require(octo_options_set(fresh, row.name, text.c_str(), nullptr) == OCTO_OK, "a value that is read can be set", text);
  if ((row.flags & OCTO_OPTION_RELOADABLE) == 0) return;
  require(octo_client_set(client, row.name, text.c_str(), nullptr) == OCTO_OK, "it can be set on the client", text);
  require(value_of(client, row.name) == text, "and reads the same", text);
}

void use_client(octo_client *client, const std::vector<Setting> &settings) {
  for (const auto &[name, value] : settings) {
    Error error;
    const octo_status answer = octo_client_set(client, name.c_str(), value.c_str(), error.raw());
    require(answer == OCTO_OK || answer == OCTO_INVALID_ARGUMENT, "a client takes an option or refuses it", name);
    error.check(answer, settings);
  }
  octo_options *fresh = nullptr;
  require(octo_options_create(&fresh) == OCTO_OK, "a set of options can be made");
  for (const auto &[name, value] : settings) {
    const octo_option_info *row = find_row(name);
    if (row != nullptr) check_round_trip(client, fresh, *row);
  }
  octo_options_free(fresh);
}

}  // namespace

void try_input(Input &input) {
  const std::string url(input.line());
  const auto settings = read_settings(input);
  octo_options *options = nullptr;
  require(octo_options_create(&options) == OCTO_OK, "a set of options can be made");
  // The system's bundle takes fifty times as long to load.
  require(octo_options_set(options, "tls.ca_file", OCTO_FUZZ_ROOTS, nullptr) == OCTO_OK, "roots can be named");
  for (const auto &[name, value] : settings) {
    Error error;
    const octo_status answer = octo_options_set(options, name.c_str(), value.c_str(), error.raw());
    require(answer == OCTO_OK || answer == OCTO_INVALID_ARGUMENT, "a set takes an option or refuses it", name);
    error.check(answer, settings);
  }
  octo_client *client = nullptr;
  Error error;
  const octo_status answer = octo_client_open(url.c_str(), options, &client, error.raw());
  require((answer == OCTO_OK) == (client != nullptr), "a client is there exactly when it was opened", url);
  require(answer == OCTO_OK || answer == OCTO_INVALID_ARGUMENT || answer == OCTO_UNSUPPORTED, "open says why not", url);
  error.check(answer, settings);
  if (client != nullptr) use_client(client, settings);
  octo_client_close(client);
  octo_options_free(options);
}

}  // namespace octo::fuzz
