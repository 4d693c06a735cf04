// Threads of this process as Linux lists them; where there is no such list, nothing is waited for.
#include "threads.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

namespace octo_python {

namespace {

constexpr auto kPatience = std::chrono::milliseconds(20);
constexpr auto kPause = std::chrono::microseconds(50);
constexpr auto kNames = "octo-";

bool is_any_listed() {
  std::error_code error;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    std::string name;
    // Of one that has gone meanwhile there is nothing to read.
    if (std::getline(std::ifstream(task->path() / "comm"), name) && name.starts_with(kNames)) return true;
  }
  return false;
}

}  // namespace

void wait_until_vanished() {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (is_any_listed() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kPause);
}

}  // namespace octo_python
