// Which flight is next: priority first, then the earliest deadline, fair among equals.
//
// A batch of ordinary size is ordered by its deadline alone. A very large one falls behind by its own budget for each
// turn of flights it has been served, so that it cannot hold up the small batches that come after it. I/O thread only.
#pragma once

#include <cstdint>
#include <set>

#include "schedule/flight.hpp"

namespace octo {

class FlightQueue {
 public:
  // `turn_flights`: how many flights of one batch and priority are served before it falls behind.
  explicit FlightQueue(std::uint32_t turn_flights) : turn_flights_(turn_flights) {}

  // May throw std::bad_alloc; then nothing of the group is queued.
  void add(FlightGroup &group);
  // Takes what is left of a group out.
  void remove(FlightGroup &group) noexcept;
  // Null when empty.
  Flight *front() const noexcept;
  // Takes the front flight out.
  void pop_front() noexcept;

  std::size_t size() const noexcept { return size_; }
  // The latest deadline of all queued flights: whoever could still finish, could with this one.
  Instant latest_deadline() const noexcept { return deadlines_.empty() ? Instant{} : *deadlines_.rbegin(); }

 private:
  struct Entry {
    FlightGroup *group;
    std::size_t priority;
    FlightGroup::Line &line() const noexcept { return group->lines[priority]; }
  };
  struct Before {
    bool operator()(const Entry &a, const Entry &b) const noexcept {
      if (a.priority != b.priority) return a.priority > b.priority;
      const FlightGroup::Line &left = a.line();
      const FlightGroup::Line &right = b.line();
      return left.rank != right.rank ? left.rank < right.rank : left.turn < right.turn;
    }
  };
  void forget(FlightGroup &group, std::size_t priority) noexcept;

  const std::uint32_t turn_flights_;
  std::set<Entry, Before> entries_;
  std::multiset<Instant> deadlines_;  // of the groups, one per entry
  std::size_t size_ = 0;
  std::uint64_t turns_ = 0;
};

}  // namespace octo
