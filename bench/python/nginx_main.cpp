// The nginx of bench/core for a driver in another language: prints where it serves as one line of JSON, and ends with
// its standard input.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <optional>

#include "core/nginx.hpp"

namespace octo_bench {
namespace {

void serve(std::optional<int> core) {
  const Nginx nginx(core);
  fmt::print(R"({{"http": "{}", "https": "{}", "ca_file": "{}", "bucket": "{}", "version": "{}", "objects": {}, )"
             R"("object_bytes": {}, "object_byte_sum": {}}})"
             "\n",
             nginx.url(false), nginx.url(true), nginx.ca_file(), kBucket, Nginx::version(), kObjects, kObjectBytes,
             nginx.object_byte_sum());
  std::fflush(stdout);
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
}

}  // namespace
}  // namespace octo_bench

// Its only argument is the core that nginx is to have for itself; without one it is not pinned.
int main(int count, char **words) {
  try {
    octo_bench::serve(count > 1 ? std::optional<int>(std::atoi(words[1])) : std::nullopt);
    return 0;
  } catch (const std::exception &error) {
    fmt::print(stderr, "nginx: {}\n", error.what());
    return 1;
  }
}
