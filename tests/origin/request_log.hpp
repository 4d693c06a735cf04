// What the origin saw: how often each path was asked for, and the last request of each of the last 1,000 paths in full.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "request_head.hpp"

namespace octo::origin {

// Where a request came in.
struct Arrival {
  std::string_view listener;
  std::string_view address;  // Of ours, that the client connected to.
  std::uint64_t connection = 0;
  std::uint64_t nth_on_connection = 1;
  double since_reset_ms = 0;
};

class RequestLog {
 public:
  static constexpr std::size_t kPathsMax = 200'000;  // Beyond, a new path is answered but not counted by name.
  static constexpr std::size_t kSeenMax = 1'000;

  struct Seen {
    std::string path;  // Decoded.
    std::string raw_head;
    std::string listener;
    std::string address;
    std::uint64_t connection = 0;
    std::uint64_t nth_on_connection = 1;
    double since_reset_ms = 0;
    std::uint64_t count = 0;
  };

  // Counts the request and returns which one of its path it is, from 1.
  std::uint64_t record(const std::string &path, const RequestHead &head, const Arrival &arrival);

  void zero();

  // The last request of each recent path, the most recent first.
  const std::list<Seen> &seen() const { return seen_; }

  // Calls `visit(decoded path, count)` for every path.
  template <typename Visit>
  void each(Visit visit) const {
    for (const auto &[path, entry] : paths_) visit(path, entry.count);
  }

 private:
  struct Entry {
    std::uint64_t count = 0;
    std::list<Seen>::iterator seen;
    bool is_seen = false;
  };

  void remember(Entry &entry, const std::string &path, const RequestHead &head, const Arrival &arrival);

  std::unordered_map<std::string, Entry> paths_;
  std::list<Seen> seen_;
  std::uint64_t total_ = 0;
};

}  // namespace octo::origin
