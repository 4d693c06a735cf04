// The library's option table, row by row, and the name of each option in the environment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "octofetch.h"

namespace octo::cli {

std::vector<octo_option_info> option_table();

// "connections.max" is OCTOFETCH_CONNECTIONS_MAX.
std::string environment_name(std::string_view option);

}  // namespace octo::cli
