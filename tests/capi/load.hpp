// Load on a client: batches that one thread submits, in an open or a closed loop, and takes from a queue as they freeze.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/fetching.hpp"

namespace octo_test {

// What came of the batches that froze.
struct Tally {
  std::uint64_t batches = 0;
  std::uint64_t batches_complete = 0;  // every request OK
  std::uint64_t requests = 0;
  std::uint64_t ok = 0;
  std::vector<std::uint64_t> ok_settled_us;  // from submit to settled
  double seconds = 0;

  double ok_per_second() const;
  double ok_share() const;
  // Of ok_settled_us, in milliseconds; 0 for none.
  double settled_ms(double share) const;
};

class Load {
 public:
  struct Shape {
    std::vector<std::string> keys;  // taken in turn
    std::size_t keys_per_batch = 1;
    std::uint64_t budget_us = 1'200'000;
    std::uint64_t seed = 1;  // of the instants
  };
  Load(const Client &client, Shape shape);
  Load(const Load &) = delete;
  Load &operator=(const Load &) = delete;

  // Closed loop: `count` batches at any time. Leaves them running.
  void keep_in_flight(std::size_t count, std::chrono::milliseconds span);
  // Open loop: Poisson arrivals, however many run. Leaves what runs running.
  void arrive_at_random(double batches_per_second, std::chrono::milliseconds span);
  // Waits for the freeze of what runs.
  void finish();
  // Since the last call, or since the beginning.
  Tally take_tally();

 private:
  using Clock = std::chrono::steady_clock;

  void start_batch();
  // Until something froze or `until` came.
  void take_frozen(Clock::time_point until);
  void count(const Batch &batch);

  const Client &client_;
  const Shape shape_;
  Queue queue_;
  std::map<std::uint64_t, Batch> running_;  // by tag
  std::uint64_t tags_ = 0;
  std::size_t next_key_ = 0;
  std::mt19937_64 random_;
  Tally tally_;
  Clock::time_point tallied_at_ = Clock::now();
};

}  // namespace octo_test
