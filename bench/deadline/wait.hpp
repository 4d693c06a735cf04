// One wait of each group: a batch of the library to its deadline, or a bare wait of the same length.
#pragma once

#include <octofetch.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "deadline/samples.hpp"

namespace octo_bench {

enum class Group { octofetch, control_1, control_2 };
inline constexpr std::size_t kGroups = 3;
inline constexpr std::size_t kPhases = 6;

inline constexpr std::int64_t kBudgetMinUs = 20'000;
inline constexpr std::int64_t kBudgetMaxUs = 50'000;

std::int64_t now_ns() noexcept;

// What was measured and seen; each thread fills one of its own.
struct Findings {
  std::array<Samples, kGroups> lateness;
  Samples submit;                                  // how long octo_submit took
  std::uint64_t batches_complete = 0;              // before their deadline; not among the latenesses
  std::uint64_t requests_settled = 0;              // of the others
  std::array<std::uint64_t, kPhases> unsettled{};  // by phase

  void add_all(const Findings &others);
  std::uint64_t unsettled_total() const noexcept;
};

// The keys of every batch of a run, as octo_submit takes them.
class Keys {
 public:
  explicit Keys(std::size_t count);
  const octo_request *requests() const noexcept { return requests_.data(); }
  std::size_t count() const noexcept { return requests_.size(); }

 private:
  std::vector<std::string> names_;
  std::vector<octo_request> requests_;
};

// Waits as `group` does, for `budget_us`, and adds what it found.
void wait_once(Group group, octo_client *client, const Keys &keys, std::int64_t budget_us, Findings &findings);

}  // namespace octo_bench
