// Handles under misuse: freed twice, used after their end, of another kind, and all calls at once from 8 threads.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <atomic>
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
  options.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_QUEUE | OCTO_BATCH_STREAM;
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
  EXPECT_EQ(octo_batch_wait(raw, 0), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_next(raw, 0, &index), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_results(raw, 0, &result, sizeof result, 1), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_describe(raw, &info, sizeof info), OCTO_CLOSED);
  EXPECT_EQ(octo_batch_explain(raw, OCTO_EXPLAIN_LINE, nullptr, 0, nullptr), OCTO_CLOSED);
  octo_client *const raw_client = client.release();
  octo_client_close(raw_client);
  octo_client_close(raw_client);
  octo_stats stats{};
  EXPECT_EQ(octo_client_stats(raw_client, &stats, sizeof stats), OCTO_CLOSED);
  EXPECT_EQ(octo_client_drain(raw_client, 0), OCTO_CLOSED);
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

// One round: a batch that 8 threads wait on, take from, cancel and free in any order, and sometimes a client that ends.
class Storm {
 public:
  explicit Storm(const std::string &url) : url_(url) {
    octo_queue_create(nullptr, nullptr, &queue_);
    open();
  }
  ~Storm() {
    octo_client_close(client_.load());
    octo_queue_free(queue_);
  }

  void step(std::mt19937 &random) {
    octo_batch *batch = batch_.load();
    std::size_t index = 0;
    octo_result result{};
    octo_event events[4];
    std::size_t count = 0;
    switch (random() % 16) {
      case 0:
      case 1:
      case 2: replace(random() % 2000); break;
      case 3: octo_batch_cancel(batch); break;
      case 4: octo_batch_free(batch); break;
      case 5:
      case 6: octo_batch_wait(batch, random() % 500); break;
      case 7: octo_queue_take(queue_, events, sizeof events[0], 4, &count); break;
      case 8: octo_batch_explain(batch, OCTO_EXPLAIN_LINE, nullptr, 0, nullptr); break;
      case 9:
        if (random() % 64 == 0) reopen();
        break;
      default:
        if (octo_batch_next(batch, random() % 300, &index) == OCTO_OK) {
          octo_batch_results(batch, index, &result, sizeof result, 1);
        }
    }
  }

 private:
  void open() {
    octo_client *client = nullptr;
    octo_client_open(url_.c_str(), nullptr, &client, nullptr);
    client_.store(client);
  }
  void replace(std::uint64_t budget_us) {
    octo_batch *fresh = submit_raw(client_.load(), queue_, budget_us);
    octo_batch_free(batch_.exchange(fresh));
  }
  void reopen() {
    octo_client *before = client_.load();
    octo_client_close(before);
    octo_client *client = nullptr;
    octo_client_open(url_.c_str(), nullptr, &client, nullptr);
    octo_client_close(client_.exchange(client));
  }

  const std::string url_;
  octo_queue *queue_ = nullptr;
  std::atomic<octo_client *> client_{nullptr};
  std::atomic<octo_batch *> batch_{nullptr};
};

void run_storm(int steps_per_thread) {
  const OriginProcess origin(kScript);
  Storm storm(origin.url());
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 8; ++seed) {
    threads.emplace_back([&storm, seed, steps_per_thread] {
      std::mt19937 random(seed);
      for (int i = 0; i < steps_per_thread; ++i) storm.step(random);
    });
  }
  for (std::thread &thread : threads) thread.join();
}

TEST(misuse_test, row_75_all_calls_at_once_from_8_threads_do_no_harm) {
  run_storm(1000);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

TEST(misuse_long_test, row_75_all_calls_at_once_from_8_threads_do_no_harm_100000_times) {
  run_storm(100'000 / 8);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
}

}  // namespace
}  // namespace octo_test
