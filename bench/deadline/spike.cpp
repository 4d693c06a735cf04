// The threads of spike.hpp.
#include "deadline/spike.hpp"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

namespace octo_bench {
namespace {

// Between two spikes the machine comes to rest: the last client's thread ends, the origin sees its connections go.
constexpr std::chrono::milliseconds kPause{60};
// Batches that complete early do not count; when nearly all do, there is nothing to measure.
constexpr std::size_t kSpikesPerExpectedMax = 20;

class Spikes {
 public:
  explicit Spikes(std::size_t keys)
      : keys_(keys), trios_(kSpikeBatches), parts_(kSpikeBatches * kGroups), gate_(gate_count()) {
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i].turn = i;
    for (Part &part : parts_) crew_.emplace_back([this, &part] { take_part(part); });
  }
  ~Spikes() {
    is_over_ = true;
    gate_.arrive_and_wait();
    for (std::thread &thread : crew_) thread.join();
  }
  Spikes(const Spikes &) = delete;
  Spikes &operator=(const Spikes &) = delete;

  void run(octo_client *client, std::mt19937_64 &random) {
    client_ = client;
    std::uniform_int_distribution<std::int64_t> budgets_us(kBudgetMinUs, kBudgetMaxUs);
    for (std::size_t i = parts_.size() - 1; i > 0; --i) {
      std::swap(parts_[i].turn, parts_[random() % (i + 1)].turn);
    }
    for (Trio &trio : trios_) trio.budget_us = budgets_us(random);
    gate_.arrive_and_wait();
    gate_.arrive_and_wait();
    for (const Trio &trio : trios_) trio.count(counted_);
  }

  std::size_t waits() const noexcept { return counted_.lateness[0].count(); }
  Findings findings() const {
    Findings all = counted_;
    for (const Part &part : parts_) all.add_all(part.findings);
    return all;
  }

 private:
  struct Part {
    std::size_t turn = 0;  // which wait of which trio
    Findings findings;
  };
  static std::ptrdiff_t gate_count() noexcept { return static_cast<std::ptrdiff_t>(kSpikeBatches * kGroups + 1); }

  void take_part(Part &part) {
    while (true) {
      gate_.arrive_and_wait();
      if (is_over_) return;
      trios_[part.turn / kGroups].wait(static_cast<Group>(part.turn % kGroups), client_, keys_, part.findings);
      gate_.arrive_and_wait();
    }
  }

  const Keys keys_;
  std::vector<Trio> trios_;
  std::vector<Part> parts_;
  Findings counted_;
  // Written while all threads stand at the gate.
  octo_client *client_ = nullptr;
  bool is_over_ = false;
  std::barrier<> gate_;
  std::vector<std::thread> crew_;
};

}  // namespace

Findings run_spikes(const octo_test::OriginProcess &origin, const Fault &fault, std::size_t waits, std::uint64_t seed,
                    Progress &progress) {
  std::mt19937_64 random(seed);
  octo_test::OptionList options = fault.options;
  options["tls.ca_file"] = origin.ca_file();
  Spikes spikes(fault.keys);
  const std::size_t spikes_max = (waits / kSpikeBatches + 1) * kSpikesPerExpectedMax;
  std::size_t count = 0;
  while (spikes.waits() < waits) {
    if (++count > spikes_max) throw std::runtime_error("the batches of the spikes are complete before their deadline");
    // In turn the handshakes are the work, and the replies, of which hundreds settle before the deadlines.
    const std::string listener = count % 2 == 0 ? "http" : fault.listener;
    const octo_test::Client client = octo_test::open_client(origin.url(listener), options);
    const std::size_t before = spikes.waits();
    spikes.run(client.get(), random);
    progress.add(spikes.waits() - before);
    progress.show();
    std::this_thread::sleep_for(kPause);
  }
  return spikes.findings();
}

}  // namespace octo_bench
