// Runs a fuzz target over recorded inputs, where the build has no fuzzer: `TARGET FILE_OR_FOLDER…`.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "target.hpp"

namespace {

bool run(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) return false;
  // Said before, because a broken demand ends the process.
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);
  octo::fuzz::Input input(bytes);
  octo::fuzz::try_input(input);
  return true;
}

}  // namespace

int main(int count, char **arguments) {
  namespace fs = std::filesystem;
  std::size_t inputs = 0;
  for (int i = 1; i < count; ++i) {
    const fs::path path = arguments[i];
    if (!fs::is_directory(path)) {
      inputs += run(path) ? 1 : 0;
      continue;
    }
    for (const fs::directory_entry &entry : fs::directory_iterator(path)) inputs += run(entry.path()) ? 1 : 0;
  }
  std::printf("%zu inputs\n", inputs);
  return inputs == 0 ? 1 : 0;
}
