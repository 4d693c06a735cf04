// Declares the command line with CLI11 and turns what it found into an Arguments.
#include "arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <limits>
#include <sstream>

#include "escape.hpp"
#include "exit_code.hpp"
#include "octofetch.h"
#include "units.hpp"

namespace octo::cli {
namespace {

constexpr std::uint64_t kBudgetMaxUs = 600'000'000;

constexpr const char *kExitCodes =
    "Exit codes:\n"
    "  0    every key was fetched (or is NOT_MODIFIED)\n"
    "  1    some keys failed, or a body could not be written\n"
    "  2    the command line is wrong\n"
    "  3    the URL, an option, DIR or the credentials are wrong\n"
    "  4    the deadline came first for some keys, and no other key failed\n"
    "  5    the only key was not found\n"
    "  6    no key was fetched, and all failed for the network, TLS or the name\n"
    "  130  interrupted (143: terminated, 141: the reader of stdout went away)\n";

// What the options were before they are checked.
struct Raw {
  std::vector<std::string> settings;
  std::vector<std::string> headers;
  std::vector<std::string> timeline;
  std::string budget;
  std::string range;
  std::string priority;
  std::string version_id;
  std::string if_none_match;
  std::string colour = "auto";
  std::string timeline_rows;
  bool is_json = false;
  bool is_json_lines = false;
  bool is_markdown = false;
  bool is_silent = false;
};

// CLI11 takes "[a,b]" apart where an option may stand several times and ends a command at "++", but both may be keys. A
// NUL behind such a word, which no real word can hold, keeps it whole.
std::string guarded(std::string word) {
  const bool is_list = word.size() >= 2 && word.front() == '[' && word.back() == ']';
  if (is_list || word == "++") word += '\0';
  return word;
}

std::string unguarded(std::string word) {
  if (!word.empty() && word.back() == '\0') word.pop_back();
  return word;
}

[[noreturn]] void refuse(const std::string &text) { throw Failure(kExitUsage, text); }

void declare_request(CLI::App &get, GetArguments &arguments, Raw &raw) {
  constexpr const char *kGroup = "What to fetch";
  get.add_option("URL", arguments.url, "The origin: https://host/base, http://host:port/base or s3://bucket/prefix")
      ->required();
  auto *keys = get.add_option("KEY", "Names under the origin; after -- also such as begin with -");
  keys->expected(0, CLI::detail::expected_max_vector_size)->allow_extra_args();
  get.add_option("--keys-from", arguments.keys_from, "Read keys from FILE, one a line; - is standard input")
      ->type_name("FILE")
      ->group(kGroup);
  get.add_flag("-0,--null", arguments.is_null_separated, "Keys of --keys-from end in NUL instead of a line end")
      ->group(kGroup);
  get.add_option("--budget", raw.budget, "The time there is for all keys: 300ms, 1.2s; default: the option budget")
      ->type_name("TIME")
      ->group(kGroup);
  get.add_option("--range", raw.range, "Bytes of every object: a-b (both included), a- or -n (the last n)")
      ->type_name("RANGE")
      ->group(kGroup);
  get.add_option("--version-id", raw.version_id, "Ask for this version of every object")
      ->type_name("ID")
      ->group(kGroup);
  get.add_option("--if-none-match", raw.if_none_match, "An entity tag as the origin gave it, quotes included")
      ->type_name("TAG")
      ->group(kGroup);
  get.add_option("--header", raw.headers, "An extra request header, 'Name: value'; repeatable")
      ->type_name("HEADER")
      ->allow_extra_args(false)
      ->group(kGroup);
  get.add_option("--priority", raw.priority, "optional, normal or required: what goes first where slots are short")
      ->type_name("NAME")
      ->group(kGroup);
  get.add_option("--set", raw.settings, "Set an option of the client, such as connections.max=16; repeatable")
      ->type_name("OPTION=VALUE")
      ->allow_extra_args(false)
      ->group(kGroup);
}

void declare_output(CLI::App &get, GetArguments &arguments, Raw &raw) {
  constexpr const char *kGroup = "What to write";
  get.add_option("-o,--output", arguments.output, "Write each body to DIR/KEY; - is stdout, even a terminal")
      ->type_name("DIR")
      ->group(kGroup);
  auto *json = get.add_flag("--json", raw.is_json, "One JSON document on stdout")->group(kGroup);
  get.add_flag("--jsonl", raw.is_json_lines, "One JSON object a line on stdout, as keys settle")
      ->excludes(json)
      ->group(kGroup);
  get.add_flag("--bodies", arguments.has_bodies, "Put the bodies into the JSON as body_base64")->group(kGroup);
  get.add_flag("--timeline", raw.timeline, "Draw a bar per key; --timeline=FILE.svg writes a picture")->group(kGroup);
  get.add_option("--timeline-rows", raw.timeline_rows, "How many keys the drawing shows, or all; default 40")
      ->type_name("N")
      ->group(kGroup);
  get.add_option("--color,--colour", raw.colour, "auto, always or never")->type_name("WHEN")->group(kGroup);
  get.add_flag("-q,--quiet", arguments.is_quiet, "No summary and no progress on stderr, only errors")->group(kGroup);
  get.add_flag("-v,--verbose", arguments.is_verbose, "Name every key that failed, and tell more")->group(kGroup);
  get.add_flag("--no-progress", raw.is_silent, "No progress line")->group(kGroup);
}

void declare_table(CLI::App &command, Raw &raw, bool has_json) {
  auto *markdown = command.add_flag("--markdown", raw.is_markdown, "As a page of the documentation");
  if (has_json) command.add_flag("--json", raw.is_json, "As one JSON document")->excludes(markdown);
}

std::uint64_t parse_budget(const std::string &text) {
  const auto budget_us = parse_duration_us(text);
  if (!budget_us) refuse(fmt::format("--budget: '{}' is not a span of time; write 300ms or 1.2s", escape(text)));
  if (*budget_us > kBudgetMaxUs) refuse(fmt::format("--budget: {} is too long; at most 600s", escape(text)));
  return *budget_us;
}

std::uint64_t parse_priority(const std::string &text) {
  if (text == "optional") return OCTO_PRIORITY_OPTIONAL;
  if (text == "normal") return OCTO_PRIORITY_NORMAL;
  if (text == "required") return OCTO_PRIORITY_REQUIRED;
  refuse(fmt::format("--priority: '{}' is none; write optional, normal or required", escape(text)));
}

ColourMode parse_colour(const std::string &text) {
  if (text == "auto") return ColourMode::automatic;
  if (text == "always") return ColourMode::always;
  if (text == "never") return ColourMode::never;
  refuse(fmt::format("--color: '{}' is none; write auto, always or never", escape(text)));
}

std::size_t parse_rows(const std::string &text) {
  if (text == "all") return std::numeric_limits<std::size_t>::max();
  const auto rows = parse_count(text);
  if (!rows || *rows == 0) refuse(fmt::format("--timeline-rows: '{}' is not a count; write 40 or all", escape(text)));
  return *rows;
}

TimelineArguments parse_timeline(const Raw &raw) {
  TimelineArguments timeline;
  for (const std::string &value : raw.timeline) {
    if (value == "true") {
      timeline.is_drawn = true;
    } else if (value.ends_with(".svg")) {
      timeline.svg_file = value;
    } else {
      refuse(fmt::format("--timeline: '{}' does not end in .svg; write --timeline=FILE.svg", escape(value)));
    }
  }
  if (!raw.timeline_rows.empty()) timeline.rows_max = parse_rows(raw.timeline_rows);
  return timeline;
}

void read_request(const Raw &raw, GetArguments &arguments) {
  if (!raw.budget.empty()) arguments.budget_us = parse_budget(raw.budget);
  if (!raw.priority.empty()) arguments.priority = parse_priority(raw.priority);
  if (!raw.range.empty()) {
    arguments.range = parse_range(raw.range);
    if (!arguments.range) refuse(fmt::format("--range: '{}' is none; write 0-99, 100- or -500", escape(raw.range)));
  }
  for (const std::string &text : raw.headers) {
    auto header = parse_header(unguarded(text));
    if (!header) refuse("--header: one has no name and colon; write 'Name: value'");
    arguments.headers.push_back(std::move(*header));
  }
  for (const std::string &text : raw.settings) {
    auto setting = parse_setting(unguarded(text));
    if (!setting) refuse(fmt::format("--set: '{}' sets nothing; write connections.max=16", escape(text)));
    arguments.settings.push_back(std::move(*setting));
  }
}

void read_get(const CLI::App &get, const Raw &raw, GetArguments &arguments) {
  read_request(raw, arguments);
  if (get.count("--version-id") != 0) arguments.version_id = unguarded(raw.version_id);
  if (get.count("--if-none-match") != 0) arguments.if_none_match = unguarded(raw.if_none_match);
  arguments.timeline = parse_timeline(raw);
  arguments.colour = parse_colour(raw.colour);
  arguments.has_progress = !raw.is_silent;
  if (raw.is_json) arguments.format = OutputFormat::json;
  if (raw.is_json_lines) arguments.format = OutputFormat::json_lines;

  for (const std::string &word : get.get_option("KEY")->results()) arguments.keys.push_back(unguarded(word));
  if (arguments.keys.empty() && arguments.keys_from.empty())
    refuse("no keys; name them, or read them by --keys-from FILE");
  if (!arguments.keys.empty() && !arguments.keys_from.empty()) refuse("keys and --keys-from exclude each other");
  if (arguments.is_null_separated && arguments.keys_from.empty()) refuse("--null needs --keys-from");
  if (arguments.has_bodies && arguments.format == OutputFormat::bodies) refuse("--bodies needs --json or --jsonl");
}

std::variant<Arguments, Answer> parse_words(std::vector<std::string> words, std::vector<std::string> keys_behind) {
  Arguments arguments;
  Raw raw;
  CLI::App app("Fetches many small objects by one deadline, and says why not for every other key.", "octofetch");
  app.require_subcommand(1);
  app.set_version_flag("--version", [] { return std::string(octo_build_information()); });
  app.footer(kExitCodes);
  auto *get = app.add_subcommand("get", "Fetch keys of an origin");
  get->footer(std::string(kExitCodes) + "\nOCTOFETCH_CONNECTIONS_MAX and its like set options below --set.\n");
  declare_request(*get, arguments.get, raw);
  declare_output(*get, arguments.get, raw);
  auto *options = app.add_subcommand("options", "List the options that --set takes");
  declare_table(*options, raw, true);
  auto *statuses = app.add_subcommand("statuses", "List how a key can end");
  declare_table(*statuses, raw, false);

  try {
    std::reverse(words.begin(), words.end());
    app.parse(words);
    if (get->parsed()) {
      for (std::string &key : keys_behind) get->get_option("KEY")->add_result(guarded(std::move(key)));
      read_get(*get, raw, arguments.get);
    }
  } catch (const CLI::Success &success) {  // help or version
    std::ostringstream text;
    app.exit(success, text, text);
    return Answer{kExitOk, text.str()};
  } catch (const CLI::ParseError &error) {
    return Answer{kExitUsage, escape_sentence(error.what())};
  } catch (const Failure &failure) {
    return Answer{failure.exit_code(), failure.what()};
  }
  if (options->parsed()) arguments.command = Command::options;
  if (statuses->parsed()) arguments.command = Command::statuses;
  if (raw.is_markdown) {
    arguments.table = TableFormat::markdown;
  } else if (raw.is_json) {
    arguments.table = TableFormat::json;
  }
  return arguments;
}

}  // namespace

// CLI11 hands what stands behind "--" to the parent command in some cases, so it never sees it.
std::variant<Arguments, Answer> parse_arguments(std::vector<std::string> words) {
  const auto mark = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> keys_behind;
  if (mark != words.end()) {
    keys_behind.assign(std::make_move_iterator(mark + 1), std::make_move_iterator(words.end()));
    words.erase(mark, words.end());
  }
  std::transform(words.begin(), words.end(), words.begin(), guarded);
  return parse_words(std::move(words), std::move(keys_behind));
}

}  // namespace octo::cli
