// What a client uses it gives back: slots, memory, bodies, descriptors and threads after octo_shutdown, and no more of
// them after the hundredth start than after the first.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <octofetch.h>

#include <chrono>
#include <random>
#include <thread>

#include "capi/process_state.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr char kScript[] = R"({"default": {"size": 20000},
    "paths": {"/slow/*": {"size": 20000, "latency": {"type": "lognormal", "median_ms": 15, "p95_ms": 80}},
              "/drip/*": {"size": 20000, "fault": {"type": "drip", "bytes": 500, "every_ms": 2}},
              "/broken/*": {"size": 20000, "fault": {"type": "reset"}}}})";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

void expect_no_work(const Client &client) {
  const octo_stats now = stats(client);
  EXPECT_EQ(now.slots_busy, 0U);
  EXPECT_EQ(now.queued, 0U);
  EXPECT_EQ(now.memory_active, 0U);
  EXPECT_EQ(now.connections_open, 0U);
  EXPECT_EQ(now.connections_idle, 0U);
}

void expect_counts_add_up(const Client &client) {
  const octo_stats now = stats(client);
  EXPECT_EQ(now.requests, now.requests_ok + now.requests_other + now.requests_unsettled);
}

// Batches that end in every way: complete, by deadline in any phase, cancelled, freed while they run.
std::vector<Batch> run_all_ways(const Client &client, std::mt19937 &random) {
  std::vector<Batch> kept;
  const std::vector<std::string> kinds = {"fast/", "slow/", "drip/", "broken/"};
  for (int i = 0; i < 40; ++i) {
    std::vector<std::string> keys;
    for (int k = 0; k < 20; ++k) keys.push_back(kinds[random() % kinds.size()] + std::to_string(random()));
    Batch batch = submit(client, keys, {random() % 80'000});
    switch (i % 4) {
      case 0: octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER); break;
      case 1: octo_batch_cancel(batch.get()); break;
      case 2: batch.reset(); break;
      default: octo_batch_wait(batch.get(), 5'000);
    }
    if (batch != nullptr) kept.push_back(std::move(batch));
  }
  return kept;
}

class resources_test : public testing::TestWithParam<const char *> {
 protected:
  resources_test() : origin_(kScript) {
    if (std::string(GetParam()) == "https") options_["tls.ca_file"] = origin_.ca_file();
  }

  const OriginProcess origin_;
  OptionList options_;
};

TEST_P(resources_test, everything_is_given_back_at_octo_shutdown) {
  std::mt19937 random(3);
  const Baseline baseline;
  const Client client = open_client(origin_.url(GetParam()), options_);
  for (int round = 0; round < 4; ++round) {
    std::vector<Batch> kept = run_all_ways(client, random);
    EXPECT_EQ(baseline.left_over(), "");
    expect_no_work(client);
    expect_counts_add_up(client);
    std::uint64_t bytes = 0;
    for (const Batch &batch : kept) bytes += describe(batch).body_size;
    EXPECT_EQ(stats(client).memory_delivered, bytes);
    kept.clear();
    EXPECT_EQ(stats(client).memory_delivered, 0U);
  }
}

TEST_P(resources_test, a_retained_body_is_counted_until_it_is_released) {
  const Client client = open_client(origin_.url(GetParam()), options_);
  octo_body *body = nullptr;
  {
    const Batch batch = submit(client, {"a", "b"});
    octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
    octo_result result{};
    ASSERT_EQ(octo_batch_results(batch.get(), 1, &result, sizeof result, 1), OCTO_OK);
    ASSERT_EQ(result.status, OCTO_OK) << result.message;
    body = octo_body_retain(result.body_handle);
    EXPECT_TRUE(eventually([&] { return stats(client).memory_delivered == 40'000U; }));
  }
  EXPECT_TRUE(eventually([&] { return stats(client).memory_delivered == 20'000U; }));
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
  EXPECT_EQ(std::string(static_cast<const char *>(octo_body_data(body)), octo_body_size(body)),
            pattern_body("b", 20'000));
  octo_body_release(body);
  EXPECT_EQ(stats(client).memory_delivered, 0U);
}

TEST_P(resources_test, a_queue_gives_its_descriptor_back_while_its_batches_are_kept) {
  const Client client = open_client(origin_.url(GetParam()), options_);
  octo_queue *queue = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &queue), OCTO_OK);
  const int fd = octo_queue_fd(queue);
  const Batch batch = submit(client, {"a"}, {10'000'000, queue, 1});
  ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  octo_queue_free(queue);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1) << "descriptor " << fd << " is still open";
}

TEST_P(resources_test, threads_and_connections_end_by_themselves_when_a_client_idles) {
  options_["threads.idle"] = "100ms";
  const Baseline baseline;
  const Client client = open_client(origin_.url(GetParam()), options_);
  for (int round = 0; round < 3; ++round) {
    const auto keys = numbered_keys("key", 30);
    std::string why;
    EXPECT_TRUE(all_right(keys, fetch(client, keys), 20'000, why)) << why;
    EXPECT_LE(threads_named("octo-io"), 1U);
    for (int i = 0; i < 1000 && threads_named("octo-io") > 0; ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(threads_named("octo-io"), 0U);
    expect_no_work(client);
  }
  EXPECT_EQ(baseline.left_over(), "");
}

TEST_P(resources_test, clients_that_come_and_go_leave_no_descriptor_thread_or_memory) {
  const Baseline baseline;
  const auto round = [&] {
    const Client client = open_client(origin_.url(GetParam()), options_);
    fetch(client, numbered_keys("key", 10));
    const Batch cut = submit(client, numbered_keys("slow/", 10));
  };
  for (int i = 0; i < 20; ++i) round();
  EXPECT_EQ(baseline.left_over(), "");
  const std::size_t before = resident_bytes();
  for (int i = 0; i < 60; ++i) round();
  EXPECT_EQ(baseline.left_over(), "");
  // Of 60 clients with 20 bodies each, 24 MB in all. A sanitizer keeps what was freed.
  if (!kIsSanitized) EXPECT_LT(resident_bytes(), before + 12'000'000);
}

INSTANTIATE_TEST_SUITE_P(over, resources_test, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });

}  // namespace
}  // namespace octo_test
