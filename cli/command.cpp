// Chooses what to run and turns every failure into a sentence on stderr and an exit code.
#include "command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <utility>
#include <variant>

#include "arguments.hpp"
#include "environment.hpp"
#include "exit_code.hpp"
#include "get_command.hpp"
#include "interrupt.hpp"
#include "output_stream.hpp"
#include "table_commands.hpp"

namespace octo::cli {
namespace {

int print(const std::string &text) {
  catch_interrupts();
  OutputStream output(STDOUT_FILENO);
  output.write(text);
  output.flush();
  if (output.error() == EPIPE) return kExitReaderGone;
  return output.error() == 0 ? kExitOk : kExitSomeFailed;
}

int say(const Answer &answer) {
  if (answer.exit_code == kExitOk) return print(answer.text);
  fmt::print(stderr, "octofetch: {}\nTry octofetch --help or octofetch get --help.\n", answer.text);
  return answer.exit_code;
}

int run(const Arguments &arguments) {
  switch (arguments.command) {
    case Command::options: return print(options_table(arguments.table));
    case Command::statuses: return print(statuses_table(arguments.table));
    default: return run_get(arguments.get, Environment::of_process());
  }
}

}  // namespace

int run_command(std::vector<std::string> words) noexcept {
  try {
    const auto parsed = parse_arguments(std::move(words));
    if (const auto *answer = std::get_if<Answer>(&parsed)) return say(*answer);
    return run(std::get<Arguments>(parsed));
  } catch (const Failure &failure) {
    static_cast<void>(std::fprintf(stderr, "octofetch: %s\n", failure.what()));
    return failure.exit_code();
  } catch (const std::exception &error) {
    static_cast<void>(std::fprintf(stderr, "octofetch: %s\n", error.what()));
    return kExitSomeFailed;
  }
}

}  // namespace octo::cli
