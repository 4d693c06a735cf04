// The command line as a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "terminal.hpp"
#include "values.hpp"

namespace octo::cli {

enum class Command { get, options, statuses };
enum class OutputFormat { bodies, json, json_lines };
enum class TableFormat { text, json, markdown };

constexpr std::size_t kTimelineRowsDefault = 40;

struct TimelineArguments {
  bool is_drawn = false;
  std::string svg_file;                         // "": none
  std::size_t rows_max = kTimelineRowsDefault;  // SIZE_MAX: all
};

struct GetArguments {
  std::string url;
  std::vector<std::string> keys;
  std::string keys_from;  // a file, "-" for standard input, "" when the keys are arguments
  bool is_null_separated = false;
  std::optional<std::uint64_t> budget_us;
  std::vector<Setting> settings;
  std::optional<ByteRange> range;
  std::vector<Header> headers;
  std::optional<std::uint64_t> priority;  // OCTO_PRIORITY_...
  std::optional<std::string> if_none_match;
  std::optional<std::string> version_id;
  std::string output;  // a directory, "-" for standard output even where it is a terminal, "": standard output
  OutputFormat format = OutputFormat::bodies;
  bool has_bodies = false;
  TimelineArguments timeline;
  bool is_quiet = false;
  bool is_verbose = false;
  bool has_progress = true;
  ColourMode colour = ColourMode::automatic;

  bool writes_files() const { return !output.empty() && output != "-"; }
};

struct Arguments {
  Command command = Command::get;
  GetArguments get;
  TableFormat table = TableFormat::text;
};

// What to say instead of running: help, the version, or what is wrong with the command line.
struct Answer {
  int exit_code;
  std::string text;
};

// `words` is the command line without the program's name.
std::variant<Arguments, Answer> parse_arguments(std::vector<std::string> words);

}  // namespace octo::cli
