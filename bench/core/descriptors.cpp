// getrlimit and setrlimit for descriptors.hpp.
#include "core/descriptors.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <stdexcept>

namespace octo_bench {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void require_descriptors(std::size_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count) return;
  throw std::runtime_error(fmt::format(
      "RLIMIT_NOFILE allows {} descriptors and {} are needed; raise its hard limit, as with ulimit -Hn as root",
      limit.rlim_cur, count));
}

}  // namespace octo_bench
