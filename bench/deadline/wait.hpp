// One wait of each group: a batch of the library to its deadline, or a bare wait of the same length.
#pragma once

#include <octofetch.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
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

// Waits for nothing; how late it returned.
std::int64_t bare_wait(std::int64_t budget_us) noexcept;
// Waits for a batch of `keys`; how late it returned, or nothing when the batch was complete before its deadline.
std::optional<std::int64_t> batch_wait(octo_client *client, const Keys &keys, std::int64_t budget_us,
                                       Findings &findings);

// Three waits of one length, one of each group; they count together or not at all, so that all groups have seen the same
// moments.
struct Trio {
  std::int64_t budget_us = 0;
  std::array<std::optional<std::int64_t>, kGroups> lateness_ns;

  void wait(Group group, octo_client *client, const Keys &keys, Findings &findings);
  void count(Findings &findings) const;
};

}  // namespace octo_bench
