// Compiles one reply of the script, with its faults, for one request into the steps a connection executes.
#pragma once

#include <string_view>

#include "plan.hpp"
#include "request_head.hpp"
#include "script.hpp"

namespace octo::origin {

struct ReplyOrder {
  const Reply &reply;
  bool has_faults;  // False: a clean reply, whatever faults the script names.
  Duration latency;
  std::string_view name;  // The object's: the decoded path without its first slash.
};

Plan plan_reply(const ReplyOrder &order, const RequestHead &head);

}  // namespace octo::origin
