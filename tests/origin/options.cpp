// Reads the command line; there are few options, and every one takes a value.
#include "options.hpp"

#include <cstdlib>
#include <stdexcept>

namespace octo::origin {

const char *const kUsage =
    "octo-origin [--script FILE] [--address 127.0.0.1,127.0.0.2,...] [--directory DIR]\n"
    "\n"
    "  --script FILE     begin with this script (JSON); PUT /script on the control port replaces it\n"
    "  --address LIST    loopback addresses, each with the same port per listener (127.0.0.1)\n"
    "  --directory DIR   where the CA certificate is kept while it runs (TMPDIR, else /tmp)\n"
    "\n"
    "Prints one JSON line with its ports when ready. Ends when its stdin does, or on SIGTERM.\n";

namespace {

std::vector<std::string> split_list(const std::string &text) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (;;) {
    const std::size_t comma = text.find(',', from);
    parts.push_back(text.substr(from, comma == std::string::npos ? comma : comma - from));
    if (comma == std::string::npos) return parts;
    from = comma + 1;
  }
}

}  // namespace

Options read_options(int count, char **arguments) {
  Options options;
  const char *temporary = std::getenv("TMPDIR");
  options.directory = temporary != nullptr && *temporary != '\0' ? temporary : "/tmp";
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--help" || name == "-h") {
      options.is_help_wanted = true;
      return options;
    }
    if (name != "--script" && name != "--address" && name != "--directory") {
      throw std::runtime_error("'" + name + "' is not an option; see octo-origin --help");
    }
    if (i + 1 == count) throw std::runtime_error(name + ": a value must follow; see octo-origin --help");
    const std::string value = arguments[++i];
    if (name == "--script") options.script_file = value;
    if (name == "--address") options.addresses = split_list(value);
    if (name == "--directory") options.directory = value;
  }
  return options;
}

}  // namespace octo::origin
