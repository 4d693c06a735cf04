// Ties the parts of `octofetch get` together: keys, fetch, output, reports.
#include "get_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

#include "body_output.hpp"
#include "descriptor.hpp"
#include "escape.hpp"
#include "exit_code.hpp"
#include "fetch.hpp"
#include "interrupt.hpp"
#include "json_output.hpp"
#include "keys.hpp"
#include "os_error.hpp"
#include "output_files.hpp"
#include "output_stream.hpp"
#include "progress.hpp"
#include "summary.hpp"
#include "timeline.hpp"

namespace octo::cli {
namespace {

void print_error(std::string_view text) { static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr)); }

std::vector<std::string> keys_of(const GetArguments &arguments) {
  if (arguments.keys_from.empty()) {
    check_key_count(arguments.keys.size());
    return arguments.keys;
  }
  return read_keys(arguments.keys_from, arguments.is_null_separated ? '\0' : '\n');
}

bool wants_progress(const GetArguments &arguments, const Terminal &errors, const Environment &environment,
                    bool is_stdout_terminal) {
  const bool is_mixed = arguments.format == OutputFormat::json_lines && is_stdout_terminal;
  return arguments.has_progress && !arguments.is_quiet && errors.is_terminal && !errors.is_dumb && !is_mixed &&
         environment.get("CI").empty();
}

// Writes the picture of the batch that the library draws.
void write_svg(octo_batch *batch, const std::string &file) {
  std::size_t size = 0;
  octo_status status = octo_batch_explain(batch, OCTO_EXPLAIN_SVG, nullptr, 0, &size);
  std::string text(size + 1, '\0');
  if (status == OCTO_OK) status = octo_batch_explain(batch, OCTO_EXPLAIN_SVG, text.data(), text.size(), &size);
  if (status != OCTO_OK) throw Failure(kExitSomeFailed, fmt::format("--timeline: {}", octo_status_text(status)));
  text.resize(size);
  const Descriptor opened(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  int error = opened.is_open() ? 0 : errno;
  if (opened.is_open()) {
    OutputStream stream(opened.number());
    stream.write(text);
    stream.flush();
    error = stream.error();
  }
  if (error != 0) {
    throw Failure(kExitSomeFailed, fmt::format("--timeline={}: {}", escape(file), error_text(error)));
  }
}

class GetCommand {
 public:
  GetCommand(const GetArguments &arguments, const Environment &environment)
      : arguments_(arguments),
        environment_(environment),
        output_terminal_(terminal_of(STDOUT_FILENO, environment, arguments.colour)),
        error_terminal_(terminal_of(STDERR_FILENO, environment, arguments.colour)),
        output_(STDOUT_FILENO) {}

  int run() {
    catch_interrupts();
    const Settings settings = read_settings(arguments_.url, arguments_.settings, environment_);
    if (!arguments_.budget_us && !settings.has_budget) {
      throw Failure(kExitUsage, "no deadline; give one, such as --budget 300ms");
    }
    const std::vector<std::string> keys = keys_of(arguments_);
    if (arguments_.writes_files()) files_.emplace(arguments_.output);
    outcomes_.resize(keys.size());
    const std::uint64_t started_ns = octo_now_ns();
    const Fetch fetch(arguments_, keys, settings);
    collect(fetch, started_ns);
    const octo_batch_info info = fetch.describe();
    write_output(fetch.batch(), info);
    report(fetch.batch(), info);
    return exit_code();
  }

 private:
  void collect(const Fetch &fetch, std::uint64_t started_ns) {
    const std::uint64_t budget_us = fetch.describe().budget_us;
    Progress progress(error_terminal_,
                      wants_progress(arguments_, error_terminal_, environment_, output_terminal_.is_terminal));
    ProgressState state{0, outcomes_.size(), 0, 0, budget_us};
    const auto show = [&] {
      state.elapsed_us = (octo_now_ns() - started_ns) / 1000;
      progress.show(state);
    };
    fetch.run({.on_result =
                   [&](std::size_t index, const octo_result &result) {
                     take(fetch.batch(), index, result);
                     state.settled_count += (result.flags & OCTO_RESULT_SETTLED) != 0 ? 1 : 0;
                     state.size += result.body_size;
                     show();
                   },
               .on_idle =
                   [&] {
                     output_.flush();
                     show();
                   },
               .is_over = [&] { return interrupt_signal() != 0 || output_.error() != 0; }});
    progress.erase();
  }

  void take(octo_batch *batch, std::size_t index, const octo_result &result) {
    Outcome &outcome = outcomes_[index];
    outcome.result = result;
    if (files_ && result.status == OCTO_OK) outcome.output_error = files_->write(outcome.key(), outcome.body());
    if (arguments_.format == OutputFormat::json_lines) output_.write(json_line(batch, index, outcome, json_style()));
  }

  void write_output(octo_batch *batch, const octo_batch_info &info) {
    switch (arguments_.format) {
      case OutputFormat::json: write_json(output_, batch, info, outcomes_, json_style()); break;
      case OutputFormat::json_lines: output_.write(json_last_line(info)); break;
      case OutputFormat::bodies: write_bodies(); break;
    }
    output_.flush();
  }

  void write_bodies() {
    if (files_) return;
    if (output_terminal_.is_terminal && arguments_.output != "-") check_terminal_can_show(outcomes_);
    if (is_raw()) {
      write_raw(output_, outcomes_[0]);
    } else {
      write_frames(output_, outcomes_);
    }
  }

  // A list that happens to hold one key keeps its frame, so that a script need not count.
  bool is_raw() const { return arguments_.keys_from.empty() && outcomes_.size() == 1; }

  void report(octo_batch *batch, const octo_batch_info &info) {
    if (!arguments_.timeline.svg_file.empty()) write_svg(batch, arguments_.timeline.svg_file);
    if (arguments_.timeline.is_drawn) draw(info);
    if (!arguments_.is_quiet) {
      print_error(summarise(outcomes_, info, Paint(error_terminal_.has_colour), arguments_.is_verbose));
    }
    print_error(output_errors(outcomes_));
    if (output_.error() != 0 && output_.error() != EPIPE && output_.error() != EINTR) {
      print_error(fmt::format("octofetch: stdout: {}\n", error_text(output_.error())));
    }
  }

  // On stdout where nothing else is written there, so that it can be kept in a file.
  void draw(const octo_batch_info &info) {
    const bool is_stdout_free = files_ && arguments_.format == OutputFormat::bodies;
    const Terminal &terminal = is_stdout_free ? output_terminal_ : error_terminal_;
    const std::string text = draw_timeline(outcomes_, info, terminal, arguments_.timeline.rows_max);
    if (!is_stdout_free) return print_error(text);
    output_.write(text);
    output_.flush();
  }

  int exit_code() const {
    if (interrupt_signal() != 0) return kExitSignal + interrupt_signal();
    if (output_.error() == EPIPE) return kExitReaderGone;
    if (output_.error() != 0) return kExitSomeFailed;
    return exit_code_of(outcomes_);
  }

  JsonStyle json_style() const { return {arguments_.has_bodies, files_.has_value()}; }

  const GetArguments &arguments_;
  const Environment &environment_;
  Terminal output_terminal_;
  Terminal error_terminal_;
  OutputStream output_;
  std::optional<OutputFiles> files_;
  std::vector<Outcome> outcomes_;
};

}  // namespace

int run_get(const GetArguments &arguments, const Environment &environment) {
  const int exit_code = GetCommand(arguments, environment).run();
  constexpr std::uint64_t kShutdownWaitUs = 100'000;  // a name lookup that hangs must not keep the command
  static_cast<void>(octo_shutdown(kShutdownWaitUs));
  return exit_code;
}

}  // namespace octo::cli
