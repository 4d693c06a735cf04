// The loops of load.hpp.
#include "capi/load.hpp"

#include <poll.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace octo_test {
namespace {

Queue make_queue() {
  octo_queue *queue = nullptr;
  if (octo_queue_create(nullptr, nullptr, &queue) != OCTO_OK) throw std::runtime_error("no queue for a load");
  return Queue(queue);
}

void poll_until(int fd, std::chrono::steady_clock::time_point until) {
  using std::chrono::nanoseconds;
  const auto left = std::max<nanoseconds>(until - std::chrono::steady_clock::now(), nanoseconds(0));
  const timespec span{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
  pollfd watched{fd, POLLIN, 0};
  ::ppoll(&watched, 1, &span, nullptr);
}

}  // namespace

double Tally::ok_per_second() const { return seconds == 0 ? 0 : static_cast<double>(ok) / seconds; }

double Tally::ok_share() const { return requests == 0 ? 0 : static_cast<double>(ok) / static_cast<double>(requests); }

double Tally::settled_ms(double share) const {
  if (ok_settled_us.empty()) return 0;
  std::vector<std::uint64_t> sorted = ok_settled_us;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(rank, sorted.size() - 1)]) / 1000;
}

Load::Load(const Client &client, Shape shape)
    : client_(client), shape_(std::move(shape)), queue_(make_queue()), random_(shape_.seed) {}

void Load::keep_in_flight(std::size_t count, std::chrono::milliseconds span) {
  const auto end = Clock::now() + span;
  while (Clock::now() < end) {
    while (running_.size() < count) start_batch();
    take_frozen(end);
  }
}

void Load::arrive_at_random(double batches_per_second, std::chrono::milliseconds span) {
  std::exponential_distribution<double> gaps_s(batches_per_second);
  const auto end = Clock::now() + span;
  auto arrival = Clock::now();
  while (true) {
    arrival += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(gaps_s(random_)));
    while (Clock::now() < std::min(arrival, end)) take_frozen(std::min(arrival, end));
    if (arrival >= end) return;
    start_batch();
  }
}

void Load::finish() {
  while (!running_.empty()) take_frozen(Clock::now() + std::chrono::seconds(1));
}

Tally Load::take_tally() {
  const auto now = Clock::now();
  tally_.seconds = std::chrono::duration<double>(now - tallied_at_).count();
  tallied_at_ = now;
  return std::exchange(tally_, Tally{});
}

void Load::start_batch() {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < shape_.keys_per_batch; ++i) {
    keys.push_back(shape_.keys[next_key_++ % shape_.keys.size()]);
  }
  const std::uint64_t tag = ++tags_;
  running_.emplace(tag, submit(client_, keys, {shape_.budget_us, queue_.get(), tag}));
}

void Load::take_frozen(Clock::time_point until) {
  poll_until(octo_queue_fd(queue_.get()), until);
  octo_event events[64];
  std::size_t taken = 0;
  if (octo_queue_take(queue_.get(), events, sizeof events[0], 64, &taken) != OCTO_OK) {
    throw std::runtime_error("a queue cannot be taken from");
  }
  for (std::size_t i = 0; i < taken; ++i) {
    const auto found = running_.find(events[i].tag);
    if (found == running_.end()) throw std::runtime_error("a batch froze twice");
    count(found->second);
    running_.erase(found);
  }
}

void Load::count(const Batch &batch) {
  const octo_batch_info info = describe(batch);
  ++tally_.batches;
  tally_.requests += info.request_count;
  tally_.ok += info.ok_count;
  if (info.ok_count == info.request_count) ++tally_.batches_complete;
  std::vector<octo_result> results(info.request_count);
  octo_batch_results(batch.get(), 0, results.data(), sizeof(octo_result), results.size());
  for (const octo_result &result : results) {
    if (result.status == OCTO_OK) tally_.ok_settled_us.push_back(result.settled_us);
  }
}

}  // namespace octo_test
