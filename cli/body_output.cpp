// Writing and refusing bodies for body_output.hpp.
#include "body_output.hpp"

#include <fmt/format.h>

#include "escape.hpp"
#include "exit_code.hpp"
#include "octofetch.h"

namespace octo::cli {

void write_raw(OutputStream &stream, const Outcome &outcome) {
  if (outcome.result.status == OCTO_OK) stream.write(outcome.body());
}

void write_frames(OutputStream &stream, std::span<const Outcome> outcomes) {
  for (const Outcome &outcome : outcomes) {
    const bool has_body = outcome.result.status == OCTO_OK;
    const std::string_view body = has_body ? outcome.body() : std::string_view();
    stream.write(fmt::format("octofetch {} {} {}\n", escape_word(outcome.key()),
                             octo_status_name(outcome.result.status), body.size()));
    stream.write(body);
    stream.write("\n");
  }
}

void check_terminal_can_show(std::span<const Outcome> outcomes) {
  for (const Outcome &outcome : outcomes) {
    if (outcome.result.status != OCTO_OK || is_plain_text(outcome.body())) continue;
    throw Failure(kExitSomeFailed,
                  fmt::format("{}: the body is binary, and stdout is a terminal; write files by -o DIR, "
                              "or show it all the same by -o -",
                              escape(outcome.key())));
  }
}

}  // namespace octo::cli
