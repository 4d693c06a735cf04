// Counts per path in a map; details in a list ordered by last use, whose oldest entry is recycled.
#include "request_log.hpp"

namespace octo::origin {

std::uint64_t RequestLog::record(const std::string &path, const RequestHead &head, const Arrival &arrival) {
  ++total_;
  auto found = paths_.find(path);
  if (found == paths_.end()) {
    if (paths_.size() >= kPathsMax) return total_;
    found = paths_.try_emplace(path).first;
  }
  Entry &entry = found->second;
  ++entry.count;
  remember(entry, path, head, arrival);
  return entry.count;
}

void RequestLog::zero() {
  paths_.clear();
  seen_.clear();
  total_ = 0;
}

void RequestLog::remember(Entry &entry, const std::string &path, const RequestHead &head, const Arrival &arrival) {
  if (entry.is_seen) {
    seen_.splice(seen_.begin(), seen_, entry.seen);
  } else if (seen_.size() < kSeenMax) {
    seen_.emplace_front();
  } else {
    paths_[seen_.back().path].is_seen = false;
    seen_.splice(seen_.begin(), seen_, std::prev(seen_.end()));
  }
  entry.seen = seen_.begin();
  entry.is_seen = true;
  Seen &seen = *entry.seen;
  seen.path = path;
  seen.raw_head = head.raw;
  seen.listener = arrival.listener;
  seen.address = arrival.address;
  seen.connection = arrival.connection;
  seen.nth_on_connection = arrival.nth_on_connection;
  seen.since_reset_ms = arrival.since_reset_ms;
  seen.count = entry.count;
}

}  // namespace octo::origin
