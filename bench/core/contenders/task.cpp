// The options of a contender, for task.hpp.
#include "core/contenders/task.hpp"

#include <CLI/CLI.hpp>

namespace octo_bench {

std::optional<Task> read_task(int count, char **words, int &exit_code) {
  Task task;
  CLI::App app("A contender of the core benchmark: fetches in a closed loop and prints what that took, as JSON.");
  app.add_option("--url", task.url, "Where the objects are")->required();
  app.add_option("--ca-file", task.ca_file, "What to trust");
  app.add_option("--connections", task.connections, "How many requests are in flight")->required();
  app.add_option("--objects", task.objects, "How many objects there are")->required();
  app.add_option("--warm-gets", task.warm_gets, "GETs before the counted ones")->required();
  app.add_option("--gets", task.gets, "GETs that count")->required();
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError &error) {
    exit_code = app.exit(error) == 0 ? 0 : 64;
    return std::nullopt;
  }
  return task;
}

std::string object_name(std::size_t turn) { return "o" + std::to_string(turn); }

}  // namespace octo_bench
