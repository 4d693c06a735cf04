// What HTTP says the answer is, before framing and before most faults: conditions, byte ranges, entity tags, the body's bytes.
#pragma once

#include <cstdint>
#include <string>

#include "plan.hpp"
#include "request_head.hpp"
#include "script.hpp"

namespace octo::origin {

struct Response {
  int status = 200;
  std::string reason;
  std::string etag;           // Empty: none.
  std::string content_range;  // Empty: none.
  std::string content_type;   // Empty: what the script says.
  Spans body;
  bool may_have_body = true;  // 204 and 304 have no body and no framing.
  bool used_range_fault = false;
};

// `name` is the object's name: the decoded path without its first slash. `range_fault` may be null.
Response respond(const Reply &reply, const RequestHead &head, std::string_view name, const Fault *range_fault);

}  // namespace octo::origin
