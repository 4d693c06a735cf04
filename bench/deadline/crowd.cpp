// The threads of crowd.hpp.
#include "deadline/crowd.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

namespace octo_bench {
namespace {

// Three waits of one length, in random order, until the tickets are gone.
class Crowd {
 public:
  Crowd(octo_client *client, std::size_t keys, std::size_t waits, Progress &progress)
      : client_(client), keys_(keys), tickets_(static_cast<std::int64_t>(waits)), progress_(progress) {}

  void wait_in_turns(std::uint64_t seed, std::size_t share, Findings &findings) {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int64_t> budgets_us(kBudgetMinUs, kBudgetMaxUs);
    for (Samples &samples : findings.lateness) samples.reserve(share);
    findings.submit.reserve(share);
    std::array<Group, kGroups> turns = {Group::octofetch, Group::control_1, Group::control_2};
    // Not all threads in step.
    std::this_thread::sleep_for(std::chrono::microseconds(budgets_us(random)));
    while (tickets_.fetch_sub(1, std::memory_order_relaxed) > 0) {
      Trio trio;
      trio.budget_us = budgets_us(random);
      std::shuffle(turns.begin(), turns.end(), random);
      for (const Group group : turns) trio.wait(group, client_, keys_, findings);
      trio.count(findings);
      progress_.add(1);
    }
    ended_.fetch_add(1, std::memory_order_release);
  }

  std::size_t ended() const noexcept { return ended_.load(std::memory_order_acquire); }

 private:
  octo_client *const client_;
  const Keys keys_;
  std::atomic<std::int64_t> tickets_;
  std::atomic<std::size_t> ended_{0};
  Progress &progress_;
};

}  // namespace

Findings run_crowd(const octo_test::Client &client, const Fault &fault, std::size_t waits, std::size_t threads,
                   std::uint64_t seed, Progress &progress) {
  Crowd crowd(client.get(), fault.keys, waits, progress);
  std::vector<Findings> findings(threads);
  std::vector<std::thread> crew;
  for (std::size_t i = 0; i < threads; ++i) {
    crew.emplace_back([&, i] { crowd.wait_in_turns(seed + i, waits * 2 / threads, findings[i]); });
  }
  while (crowd.ended() < threads) {
    progress.show();
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  Findings all;
  for (std::size_t i = 0; i < threads; ++i) {
    crew[i].join();
    all.add_all(findings[i]);
  }
  return all;
}

}  // namespace octo_bench
