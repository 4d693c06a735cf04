// Opens directories beneath a directory, making those that are missing, without ever following a link.
#pragma once

#include <string>
#include <vector>

#include "descriptor.hpp"

namespace octo::cli {

// By openat2, which resolves a whole path at once, or one directory at a time for kernels and sandboxes without it.
enum class Opening { whole, stepwise };

struct Opened {
  Descriptor directory;
  int error;            // 0 or an errno
  std::string segment;  // the directory that could not be opened
};

// `root` is a descriptor of the directory; no segment is empty, "." or "..", or holds a slash.
Opened open_beneath(int root, const std::vector<std::string> &segments, Opening opening);

}  // namespace octo::cli
