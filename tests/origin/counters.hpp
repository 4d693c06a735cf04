// Named counters of the report. A name is interned once and counted by number, so that counting costs one addition.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace octo::origin {

using CounterId = std::uint32_t;

class Counters {
 public:
  // The number of this name; new names start at zero and stay hidden in the report until they count or are shown always.
  CounterId intern(const std::string &name, bool is_always_shown = false) {
    const auto [entry, is_new] = ids_.try_emplace(name, static_cast<CounterId>(counters_.size()));
    if (is_new) counters_.push_back({name, 0, is_always_shown});
    if (is_always_shown) counters_[entry->second].is_always_shown = true;
    return entry->second;
  }

  void add(CounterId id, std::uint64_t amount = 1) { counters_[id].value += amount; }
  std::uint64_t value(CounterId id) const { return counters_[id].value; }

  void zero() {
    for (Counter &counter : counters_) counter.value = 0;
  }

  // Calls `visit(name, value)` for every counter the report shows.
  template <typename Visit>
  void each(Visit visit) const {
    for (const Counter &counter : counters_) {
      if (counter.value != 0 || counter.is_always_shown) visit(counter.name, counter.value);
    }
  }

 private:
  struct Counter {
    std::string name;
    std::uint64_t value;
    bool is_always_shown;
  };

  std::unordered_map<std::string, CounterId> ids_;
  std::vector<Counter> counters_;
};

}  // namespace octo::origin
