// `octofetch options` and `octofetch statuses`: the library's tables as text, JSON or a page of the documentation.
#pragma once

#include <string>

#include "arguments.hpp"

namespace octo::cli {

std::string options_table(TableFormat format);
std::string statuses_table(TableFormat format);

}  // namespace octo::cli
