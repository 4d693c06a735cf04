// Handles under misuse: freed twice, used after their end, of another kind, and all calls at once from 8 threads.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <array>
#include <atomic>
#include <iostream>
#include <random>
#include <thread>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

constexpr char kScript[] = R"({"default": {"size": 100}})";

octo_batch *submit_raw(octo_client *client, octo_queue *queue, std::uint64_t budget_us) {
  const auto keys = numbered_keys("key", 4);
  std::vector<octo_request> requests(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    requests[i].key = keys[i].data();
    requests[i].key_size = keys[i].size();
  }
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_QUEUE | OCTO_BATCH_STREAM | OCTO_BATCH_ATTEMPTS;
  options.budget_us = budget_us;
  options.queue = queue;
  octo_batch *batch = nullptr;
  octo_submit(client, requests.data(), sizeof(octo_request), requests.size(), &options, &batch, nullptr);
  return batch;
}

TEST(misuse_test, row_75_a_handle_that_has_ended_says_closed) {
  const OriginProcess origin(kScript);
  Client client = open_client(origin.url());
  Batch batch = submit(client, {"a"});
  octo_batch *const raw = batch.release();
  octo_batch_free(raw);
  octo_batch_free(raw);
  octo_batch_cancel(raw);
  std::size_t index = 0;
  octo_result result{};
  octo_batch_info info{};
  octo_attempt attempt{};
  EXPECT_EQ(octo_batch_wait(raw, 0), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_next(raw, 0, &index), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_results(raw, 0, &result, sizeof result, 1), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_attempts(raw, 0, &attempt, sizeof attempt, 1), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_describe(raw, &info, sizeof info), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_explain(raw, OCTO_EXPLAIN_LINE, nullptr, 0, nullptr), OCTO_CLOSED);
  octo_client *const raw_client = client.release();
  octo_client_close(raw_client);
  octo_client_close(raw_client);
  octo_stats stats{};
  EXPECT_EQ(octo_client_stats(raw_client, &stats, sizeof stats), OCTO_CLOSED);
  EXPECT_EQ(octo_client_drain(raw_client, 0), OCTO_CLOSED);
  EXPECT_EQ(octo_client_explain(raw_client, OCTO_EXPLAIN_JSON, nullptr, 0, nullptr), OCTO_CLOSED);
}

TEST(misuse_test, row_75_a_handle_of_another_kind_or_none_is_an_invalid_argument) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url());
  auto *as_batch = reinterpret_cast<octo_batch *>(client.get());
  EXPECT_EQ(octo_batch_wait(as_batch, 0), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_wait(nullptr, 0), OCTO_INVALID_ARGUMENT);
  int stack = 0;
  EXPECT_EQ(octo_batch_wait(reinterpret_cast<octo_batch *>(&stack), 0), OCTO_INVALID_ARGUMENT);
  octo_batch_free(nullptr);
  octo_client_close(nullptr);
  octo_queue_free(nullptr);
  octo_options_free(nullptr);
  octo_body_release(nullptr);
  EXPECT_EQ(octo_queue_fd(nullptr), -1);
}

TEST(misuse_test, freeing_a_batch_wakes_whoever_waits_on_it) {
  const OriginProcess origin(R"({"default": {"delay_ms": 30000}})");
  const Client client = open_client(origin.url());
  octo_batch *const batch = submit(client, {"a"}, {30'000'000}).release();
  std::atomic<octo_status> answer{OCTO_OK};
  std::thread waiter([&] { answer = octo_batch_wait(batch, OCTO_WAIT_FOREVER); });
  octo_stats now = stats(client);
  while (now.attempts == 0) {
    std::this_thread::yield();
    now = stats(client);
  }
  octo_batch_free(batch);
  waiter.join();
  EXPECT_EQ(answer, OCTO_CLOSED);
}

TEST(misuse_test, a_body_outlives_its_batch_and_its_client) {
  const OriginProcess origin(kScript);
  octo_body *body = nullptr;
  {
    const Client client = open_client(origin.url());
    const Batch batch = submit(client, {"a"});
    ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
    octo_result result{};
    ASSERT_EQ(octo_batch_results(batch.get(), 0, &result, sizeof result, 1), OCTO_OK);
    ASSERT_EQ(result.status, OCTO_OK) << result.message;
    body = octo_body_retain(result.body_handle);
  }
  const std::string bytes(static_cast<const char *>(octo_body_data(body)), octo_body_size(body));
  EXPECT_EQ(bytes, pattern_body("a", 100));
  octo_body_release(body);
}

// What the calls of a storm answered: a storm on handles that are all dead would prove little.
struct StormTally {
  std::atomic<std::uint64_t> waits_over{0};     // the batch froze
  std::atomic<std::uint64_t> waits_again{0};    // it ran on
  std::atomic<std::uint64_t> waits_closed{0};   // somebody freed it
  std::atomic<std::uint64_t> nexts_settled{0};  // an index, whose result was read
  std::atomic<std::uint64_t> clients_closed{0};
};

// Batches that 8 threads wait on, take from, cancel and free in any order, and now and then a client that ends.
class Storm {
 public:
  explicit Storm(const std::string &url) : url_(url) {
    octo_queue_create(nullptr, nullptr, &queue_);
    client_ = open();
  }
  ~Storm() {
    octo_client_close(client_);
    for (const auto &batch : batches_) octo_batch_free(batch);
    octo_queue_free(queue_);
  }

  void step(std::mt19937 &random) {
    std::atomic<octo_batch *> &place = batches_[random() % batches_.size()];
    octo_batch *const batch = place;
    octo_event events[4];
    octo_attempt attempts[2];
    std::size_t count = 0;
    switch (random() % 32) {
      case 0:
      case 1:
      case 2: octo_batch_free(place.exchange(submit_raw(client_, queue_, random() % 20'000))); break;
      case 3: octo_batch_cancel(batch); break;
      case 4: octo_batch_free(batch); break;
      case 5: octo_queue_take(queue_, events, sizeof events[0], 4, &count); break;
      case 6: octo_batch_explain(batch, OCTO_EXPLAIN_LINE, nullptr, 0, nullptr); break;
      case 7:
        if (random() % 64 == 0) replace_client();
        break;
      case 8: octo_client_explain(client_, OCTO_EXPLAIN_JSON, nullptr, 0, nullptr); break;
      case 9: octo_batch_attempts(batch, 0, attempts, sizeof attempts[0], 2); break;
      case 10:
      case 11:
      case 12:
      case 13:
      case 14: wait(batch, random() % 500); break;
      default: take_next(batch, random() % 300);
    }
  }

  StormTally tally;

 private:
  octo_client *open() const {
    octo_client *client = nullptr;
    octo_client_open(url_.c_str(), nullptr, &client, nullptr);
    return client;
  }
  void wait(octo_batch *batch, std::uint64_t wait_us) {
    const octo_status answer = octo_batch_wait(batch, wait_us);
    if (answer == OCTO_OK) ++tally.waits_over;
    if (answer == OCTO_AGAIN) ++tally.waits_again;
    if (answer == OCTO_CLOSED) ++tally.waits_closed;
  }
  void take_next(octo_batch *batch, std::uint64_t wait_us) {
    std::size_t index = 0;
    octo_result result{};
    if (octo_batch_next(batch, wait_us, &index) != OCTO_OK) return;
    if (octo_batch_results(batch, index, &result, sizeof result, 1) == OCTO_OK) ++tally.nexts_settled;
  }
  // Once while others still submit to it, and once when it is nobody's.
  void replace_client() {
    octo_client *const before = client_;
    octo_client_close(before);
    octo_client_close(client_.exchange(open()));
    octo_client_close(before);
    ++tally.clients_closed;
  }

  const std::string url_;
  octo_queue *queue_ = nullptr;
  std::atomic<octo_client *> client_{nullptr};
  std::array<std::atomic<octo_batch *>, 8> batches_{};
};

void run_storm(int steps_per_thread) {
  const OriginProcess origin(R"({"default": {"size": 100, "latency": {"type": "lognormal", "median_ms": 3}}})");
  Storm storm(origin.url());
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 8; ++seed) {
    threads.emplace_back([&storm, seed, steps_per_thread] {
      std::mt19937 random(seed);
      for (int i = 0; i < steps_per_thread; ++i) storm.step(random);
    });
  }
  for (std::thread &thread : threads) thread.join();
  const StormTally &tally = storm.tally;
  std::cout << tally.waits_over << " waits met a freeze, " << tally.waits_again << " ran out, " << tally.waits_closed
            << " met a freed batch, " << tally.nexts_settled << " results read, " << tally.clients_closed
            << " clients closed\n";
  const auto few = static_cast<std::uint64_t>(steps_per_thread) * 8 / 200;
  EXPECT_GE(tally.waits_over, few);
  EXPECT_GE(tally.waits_again, few);
  EXPECT_GE(tally.waits_closed, few);
  EXPECT_GE(tally.nexts_settled, few);
  EXPECT_GE(tally.clients_closed, 1U);
}

TEST(misuse_test, row_75_all_calls_at_once_from_8_threads_do_no_harm) {
  run_storm(1000);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

TEST(misuse_long_test, row_75_all_calls_at_once_from_8_threads_do_no_harm_100000_times) {
  run_storm(100'000);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

}  // namespace
}  // namespace octo_test
