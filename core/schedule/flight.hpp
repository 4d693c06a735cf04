// A flight: one fetch of one key, and the request that waits for it. I/O thread only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "batch/batch.hpp"

namespace octo {

class Attempt;
struct FlightGroup;

struct Flight {
  enum class State : std::uint8_t { queued, resolving, running, done };
  FlightGroup *group = nullptr;
  std::uint32_t index = 0;  // of the waiting request in its batch
  State state = State::queued;
  Instant started_at{};        // when it got its slot
  Instant resolved_at{};       // when its first exchange started
  Attempt *attempt = nullptr;  // while running
};

// The flights of one batch. They are allocated together, and go together.
struct FlightGroup {
  Ref<Batch> batch;
  std::vector<Flight> flights;
  std::uint32_t flights_live = 0;  // not done
  // Queued flights of each priority, in request order; those before the cursor have left the queue.
  struct Line {
    std::vector<std::uint32_t> indexes;
    std::size_t cursor = 0;
    Instant rank{};          // the order among groups: see FlightQueue
    std::uint64_t turn = 0;  // breaks ties of rank
    bool is_queued = false;
    bool is_empty() const noexcept { return cursor == indexes.size(); }
  };
  std::array<Line, kPriorityCount> lines;
};

}  // namespace octo
