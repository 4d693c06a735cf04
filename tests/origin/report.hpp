// The report: every counter, and what the last requests looked like, as JSON or as lines `name value`.
#pragma once

#include <string>

#include "connections.hpp"

namespace octo::origin {

std::string report_json(Connections &connections);
std::string report_text(Connections &connections);

}  // namespace octo::origin
