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
// Batches that complete early do not count; when nearly all do, the origin is too fast to measure anything.
constexpr std::size_t kSpikesPerExpectedMax = 4;

class Spikes {
 public:
  explicit Spikes(std::size_t keys) : keys_(keys), parts_(kSpikeBatches * kGroups), gate_(gate_count()) {
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i].group = static_cast<Group>(i % kGroups);
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
      std::swap(parts_[i].group, parts_[random() % (i + 1)].group);
    }
    for (Part &part : parts_) part.budget_us = budgets_us(random);
    gate_.arrive_and_wait();
    gate_.arrive_and_wait();
  }

  std::size_t waits() const {
    std::size_t count = 0;
    for (const Part &part : parts_) count += part.findings.lateness[0].count();
    return count;
  }
  Findings findings() const {
    Findings all;
    for (const Part &part : parts_) all.add_all(part.findings);
    return all;
  }

 private:
  struct Part {
    Group group = Group::octofetch;
    std::int64_t budget_us = 0;
    Findings findings;
  };
  static std::ptrdiff_t gate_count() noexcept { return static_cast<std::ptrdiff_t>(kSpikeBatches * kGroups + 1); }

  void take_part(Part &part) {
    while (true) {
      gate_.arrive_and_wait();
      if (is_over_) return;
      wait_once(part.group, client_, keys_, part.budget_us, part.findings);
      gate_.arrive_and_wait();
    }
  }

  const Keys keys_;
  std::vector<Part> parts_;
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
    // In turn the handshakes are the work, and the replies, of which thousands settle before the deadlines.
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
