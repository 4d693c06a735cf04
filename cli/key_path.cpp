// Splits keys into segments and checks each.
#include "key_path.hpp"

#include <fmt/format.h>

#include <climits>

namespace octo::cli {
namespace {

constexpr std::size_t kSegmentMax = NAME_MAX;

std::string refusal_of_segment(std::string_view segment) {
  if (segment.empty()) return "it has an empty segment";
  if (segment == "." || segment == "..") return fmt::format("it has the segment '{}'", segment);
  if (segment.size() > kSegmentMax) return fmt::format("it has a segment of more than {} bytes", kSegmentMax);
  return "";
}

}  // namespace

KeyPath path_of_key(std::string_view key) {
  KeyPath path;
  if (key.empty()) path.refusal = "it is empty";
  if (key.starts_with('/')) path.refusal = "it begins with a slash";
  if (key.find('\0') != std::string_view::npos) path.refusal = "it holds a NUL byte";
  while (path.refusal.empty()) {
    const std::size_t slash = key.find('/');
    const std::string_view segment = key.substr(0, slash);
    path.refusal = refusal_of_segment(segment);
    if (slash == std::string_view::npos) {
      path.file = segment;
      break;
    }
    path.directories.emplace_back(segment);
    key.remove_prefix(slash + 1);
  }
  return path;
}

}  // namespace octo::cli
