// The report: every counter, and what the last requests looked like, as JSON or as lines `name value`.
#pragma once

#include <string>

#include "connections.hpp"

namespace octo::origin {

std::string report_json(Connections &connections);
std::string report_text(Connections &connections);

// A line for each request whose service time was written down.
std::string service_times_text(Connections &connections);

}  // namespace octo::origin
