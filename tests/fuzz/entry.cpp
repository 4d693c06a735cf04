// Where libFuzzer enters a target.
#include <cstdint>

#include "target.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size) {
  octo::fuzz::Input input(bytes, size);
  octo::fuzz::try_input(input);
  return 0;
}
