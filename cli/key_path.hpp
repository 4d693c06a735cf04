// Which keys can be the path of a file beneath a directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace octo::cli {

struct KeyPath {
  std::vector<std::string> directories;
  std::string file;
  std::string refusal;  // "" or why the key can be no path, as a part of a sentence
};

// Refuses what would leave the directory (an absolute path, ".."), what would make one file of two keys (an empty or "."
// segment), and what no file system takes (NUL, a segment over NAME_MAX).
KeyPath path_of_key(std::string_view key);

}  // namespace octo::cli
