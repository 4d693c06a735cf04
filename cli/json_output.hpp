// The results as JSON: one document, or one object a line. The fields are described in docs/command.md.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "octofetch.h"
#include "outcome.hpp"
#include "output_stream.hpp"

namespace octo::cli {

struct JsonStyle {
  bool has_bodies;    // --bodies
  bool writes_files;  // -o DIR: each entry says whether the file was written
};

// A line of --jsonl for a key that has just ended; `batch` gives its headers.
std::string json_line(octo_batch *batch, std::size_t index, const Outcome &outcome, const JsonStyle &style);

// The last line of --jsonl.
std::string json_last_line(const octo_batch_info &info);

// The document of --json, entry by entry in the order of the keys.
void write_json(OutputStream &stream, octo_batch *batch, const octo_batch_info &info, std::span<const Outcome> outcomes,
                const JsonStyle &style);

}  // namespace octo::cli
