// The bodies themselves on standard output: one as it is, several in frames.
#pragma once

#include <span>
#include <string>

#include "outcome.hpp"
#include "output_stream.hpp"

namespace octo::cli {

// The body of the only key, if it is OK.
void write_raw(OutputStream &stream, const Outcome &outcome);

// A frame per key, in the order of the keys: the line "octofetch KEY STATUS SIZE", SIZE bytes, and a line end. KEY is
// one word (escape_word); SIZE is 0 unless STATUS is OK.
void write_frames(OutputStream &stream, std::span<const Outcome> outcomes);

// Throws Failure when a body should not be shown on a terminal.
void check_terminal_can_show(std::span<const Outcome> outcomes);

}  // namespace octo::cli
