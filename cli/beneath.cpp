// The system calls behind beneath.hpp. A link in the path, also one that another process puts there at the worst moment,
// makes them fail; checking first and opening then could be overtaken.
#include "beneath.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#if defined(__linux__) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

namespace octo::cli {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

// The path's directory, or nothing where it does not exist yet, and wherever the call itself is not to be had.
Descriptor open_whole([[maybe_unused]] int root, [[maybe_unused]] const std::vector<std::string> &segments) {
#if defined(SYS_openat2)
  open_how how{};
  how.flags = kDirectoryFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const std::string path = fmt::format("{}", fmt::join(segments, "/"));
  return Descriptor(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
#else
  return Descriptor();
#endif
}

Descriptor open_step(int parent, const std::string &segment) {
  Descriptor step(openat(parent, segment.c_str(), kDirectoryFlags | O_NOFOLLOW));
  if (step.is_open() || errno != ENOENT) return step;
  if (mkdirat(parent, segment.c_str(), 0777) != 0 && errno != EEXIST) return step;
  return Descriptor(openat(parent, segment.c_str(), kDirectoryFlags | O_NOFOLLOW));
}

}  // namespace

Opened open_beneath(int root, const std::vector<std::string> &segments, Opening opening) {
  if (segments.empty()) return {Descriptor(fcntl(root, F_DUPFD_CLOEXEC, 0)), errno, "."};
  if (opening == Opening::whole) {
    Descriptor whole = open_whole(root, segments);
    if (whole.is_open()) return {std::move(whole), 0, ""};
  }
  Descriptor directory;
  for (const std::string &segment : segments) {
    Descriptor step = open_step(directory.is_open() ? directory.number() : root, segment);
    if (!step.is_open()) return {Descriptor(), errno, segment};
    directory = std::move(step);
  }
  return {std::move(directory), 0, ""};
}

}  // namespace octo::cli
