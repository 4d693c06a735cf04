// The command line of octo-origin.
#pragma once

#include <string>
#include <vector>

namespace octo::origin {

struct Options {
  std::string script_file;  // Empty: no script, every path answers with 1 KiB.
  std::vector<std::string> addresses{"127.0.0.1"};
  std::string directory;  // For the CA file.
  bool is_help_wanted = false;
};

extern const char *const kUsage;

// Throws std::runtime_error with a sentence that says what to write instead.
Options read_options(int count, char **arguments);

}  // namespace octo::origin
