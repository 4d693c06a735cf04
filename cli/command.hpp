// The whole command: from the words of the command line to the exit code.
#pragma once

#include <string>
#include <vector>

namespace octo::cli {

// `words` is the command line without the program's name. Throws nothing.
int run_command(std::vector<std::string> words) noexcept;

}  // namespace octo::cli
