// One key of a batch, as the engine sees it: checked and encoded at submit, never changed afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_range.hpp"

namespace octo {

enum class Priority : std::uint8_t { optional = 0, normal = 1, required = 2 };
inline constexpr std::size_t kPriorityCount = 3;

struct Request {
  std::string key;
  std::string target;         // path and query on the wire
  std::string if_none_match;  // "" for none
  std::optional<ByteRange> range;
  Priority priority = Priority::normal;
  // Warming opens a connection of its own by HEAD and keeps no body.
  bool warms = false;
};

}  // namespace octo
