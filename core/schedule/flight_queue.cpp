// Ordering for flight_queue.hpp.
#include "schedule/flight_queue.hpp"

#include <new>

#include "base/assert.hpp"

namespace octo {

void FlightQueue::add(FlightGroup &group) {
  const Instant deadline = group.batch->deadline();
  try {
    for (std::size_t priority = 0; priority < kPriorityCount; ++priority) {
      FlightGroup::Line &line = group.lines[priority];
      if (line.is_empty()) continue;
      line.rank = deadline;
      line.turn = ++turns_;
      const auto place = deadlines_.insert(deadline);
      try {
        entries_.insert({&group, priority});
      } catch (const std::bad_alloc &) {
        deadlines_.erase(place);
        throw;
      }
      line.is_queued = true;
      size_ += line.indexes.size() - line.cursor;
    }
  } catch (const std::bad_alloc &) {
    remove(group);
    throw;
  }
}

void FlightQueue::remove(FlightGroup &group) noexcept {
  for (std::size_t priority = 0; priority < kPriorityCount; ++priority) {
    FlightGroup::Line &line = group.lines[priority];
    if (!line.is_queued) continue;
    size_ -= line.indexes.size() - line.cursor;
    forget(group, priority);
  }
}

void FlightQueue::forget(FlightGroup &group, std::size_t priority) noexcept {
  entries_.erase({&group, priority});
  deadlines_.erase(deadlines_.find(group.batch->deadline()));
  group.lines[priority].is_queued = false;
}

Flight *FlightQueue::front() const noexcept {
  if (entries_.empty()) return nullptr;
  const Entry &entry = *entries_.begin();
  const FlightGroup::Line &line = entry.line();
  return &entry.group->flights[line.indexes[line.cursor]];
}

void FlightQueue::pop_front() noexcept {
  OCTO_ASSERT(!entries_.empty());
  const Entry entry = *entries_.begin();
  FlightGroup::Line &line = entry.line();
  ++line.cursor;
  --size_;
  if (line.is_empty()) {
    forget(*entry.group, entry.priority);
    return;
  }
  // The place in the order changes, the node stays: serving a flight allocates nothing.
  auto node = entries_.extract(entries_.begin());
  line.turn = ++turns_;
  if (line.cursor % turn_flights_ == 0) {
    const Batch &batch = *entry.group->batch;
    line.rank = later_by(line.rank, batch.deadline() - batch.submitted_at());
  }
  entries_.insert(std::move(node));
}

}  // namespace octo
