// Reads the limit of version 2 and of version 1 control groups, as seen inside a container.
#include "base/os_memory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

namespace octo {
namespace {

std::uint64_t read_number(const char *path) noexcept {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UINT64_MAX;
  char text[32];
  const ssize_t size = ::read(fd, text, sizeof text);
  ::close(fd);
  std::uint64_t number = UINT64_MAX;
  // "max" is no number, and means none.
  if (size > 0) std::from_chars(text, text + size, number);
  return number;
}

}  // namespace

std::uint64_t memory_limit_bytes() noexcept {
  const std::uint64_t version_2 = read_number("/sys/fs/cgroup/memory.max");
  const std::uint64_t version_1 = read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  return version_2 < version_1 ? version_2 : version_1;
}

}  // namespace octo
