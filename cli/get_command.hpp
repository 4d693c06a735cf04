// `octofetch get`: fetches the keys, writes what came, tells how it went.
#pragma once

#include "arguments.hpp"
#include "environment.hpp"

namespace octo::cli {

// Answers the exit code; throws Failure for what ends the command before there are results.
int run_get(const GetArguments &arguments, const Environment &environment);

}  // namespace octo::cli
