// octo_batch_attempts: what it tells of real exchanges, when it can be called, and structs of another version's size.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

Submit keeping(std::uint64_t budget_us = 5'000'000) {
  Submit how;
  how.budget_us = budget_us;
  how.keeps_attempts = true;
  return how;
}

std::vector<octo_attempt> attempts(const Batch &batch) {
  std::vector<octo_attempt> read(describe(batch).attempt_count);
  EXPECT_EQ(octo_batch_attempts(batch.get(), 0, read.data(), sizeof read[0], read.size()), OCTO_OK);
  return read;
}

TEST(attempts_test, each_request_has_the_one_that_brought_it) {
  const OriginProcess origin(R"({"default": {"size": 100, "delay_ms": 20}})");
  const Client client = open_client(origin.url());
  const Batch batch = submit(client, {"a", "b", "c"}, keeping());
  ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  std::array<int, 3> counts{};
  for (const octo_attempt &attempt : attempts(batch)) {
    ++counts.at(attempt.index);
    EXPECT_EQ(attempt.number, 1u);
    EXPECT_EQ(attempt.cause, OCTO_ATTEMPT_FIRST);
    EXPECT_EQ(attempt.status, OCTO_OK);
    EXPECT_EQ(attempt.phase, OCTO_PHASE_RECEIVING);
    EXPECT_EQ(attempt.flags, OCTO_RESULT_SETTLED);
    EXPECT_EQ(attempt.http_status, 200u);
    EXPECT_EQ(attempt.bytes_received, 100u);
    EXPECT_GE(attempt.waiting_us, 15'000u) << "the origin answers after 20 ms";
    EXPECT_LE(attempt.started_us + attempt.waiting_us, attempt.ended_us);
    EXPECT_EQ("http://" + std::string(attempt.address), origin.url());
  }
  EXPECT_EQ(counts, (std::array<int, 3>{1, 1, 1}));
}

TEST(attempts_test, they_can_be_read_after_the_freeze_alone_and_of_a_batch_that_keeps_them) {
  const OriginProcess origin(R"({"default": {"delay_ms": 30000}})");
  const Client client = open_client(origin.url());
  octo_attempt attempt{};
  const Batch kept = submit(client, {"a"}, keeping(30'000'000));
  const Batch other = submit(client, {"a"});
  EXPECT_EQ(octo_batch_attempts(kept.get(), 0, &attempt, sizeof attempt, 1), OCTO_AGAIN);
  EXPECT_EQ(octo_batch_attempts(kept.get(), 0, nullptr, 0, 0), OCTO_AGAIN);
  while (stats(client).attempts < 2) ASSERT_EQ(octo_batch_wait(kept.get(), 1000), OCTO_AGAIN);
  octo_batch_cancel(kept.get());
  octo_batch_cancel(other.get());
  EXPECT_EQ(octo_batch_attempts(kept.get(), 0, &attempt, sizeof attempt, 1), OCTO_OK);
  EXPECT_EQ(attempt.status, OCTO_CANCELLED);
  EXPECT_EQ(attempt.flags & OCTO_RESULT_SETTLED, 0u);
  EXPECT_EQ(octo_batch_attempts(kept.get(), 0, &attempt, sizeof attempt, 2), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_attempts(kept.get(), 2, &attempt, sizeof attempt, 0), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_attempts(kept.get(), 1, nullptr, 0, 0), OCTO_OK);
  EXPECT_EQ(octo_batch_attempts(kept.get(), SIZE_MAX, &attempt, sizeof attempt, 2), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_attempts(kept.get(), 0, nullptr, sizeof attempt, 1), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_attempts(kept.get(), 0, &attempt, 0, 1), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_attempts(nullptr, 0, &attempt, sizeof attempt, 1), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_batch_attempts(other.get(), 0, &attempt, sizeof attempt, 1), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(describe(other).attempt_count, 0u);
}

TEST(attempts_test, they_outlive_the_client_and_stay_as_they_were_at_the_freeze) {
  const OriginProcess origin(R"({"paths": {"/late": {"delay_ms": 300}}, "default": {"size": 100}})");
  Client client = open_client(origin.url());
  const Batch batch = submit(client, {"a", "late"}, keeping(250'000));
  ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  const std::vector<octo_attempt> before = attempts(batch);
  ASSERT_EQ(before.size(), 2u);
  // The late one arrives as an orphan.
  while (stats(client).orphans_finished + stats(client).orphans_cut == 0) octo_batch_wait(batch.get(), 0);
  client.reset();
  const std::vector<octo_attempt> after = attempts(batch);
  EXPECT_EQ(std::memcmp(before.data(), after.data(), before.size() * sizeof before[0]), 0);
  const octo_attempt &late = before[before[0].index == 1 ? 0 : 1];
  EXPECT_EQ(late.status, OCTO_DEADLINE);
  EXPECT_EQ(late.phase, OCTO_PHASE_WAITING);
  EXPECT_EQ(late.ended_us, 250'000u);
  EXPECT_EQ(late.waiting_us, late.ended_us - late.since_us);
}

TEST(attempts_test, structs_of_another_size_are_filled_as_far_as_both_go) {
  const OriginProcess origin(R"({"default": {"size": 100}})");
  const Client client = open_client(origin.url());
  const Batch batch = submit(client, {"a", "b"}, keeping());
  ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  struct Longer {
    octo_attempt attempt;
    std::uint64_t unknown;
  };
  std::array<Longer, 2> longer{};
  for (Longer &one : longer) one.unknown = 7;
  ASSERT_EQ(octo_batch_attempts(batch.get(), 0, &longer[0].attempt, sizeof longer[0], 2), OCTO_OK);
  EXPECT_EQ(longer[0].unknown + longer[1].unknown, 0u);
  EXPECT_EQ(longer[0].attempt.index + longer[1].attempt.index, 1u);
  constexpr std::size_t kShort = offsetof(octo_attempt, status);
  std::array<char, 2 * kShort + 1> shorter{};
  shorter.back() = 'x';
  ASSERT_EQ(octo_batch_attempts(batch.get(), 0, reinterpret_cast<octo_attempt *>(shorter.data()), kShort, 2), OCTO_OK);
  EXPECT_EQ(std::memcmp(shorter.data(), &longer[0], kShort), 0);
  EXPECT_EQ(std::memcmp(shorter.data() + kShort, &longer[1], kShort), 0);
  EXPECT_EQ(shorter.back(), 'x');
}

TEST(attempts_test, the_json_explanation_has_them_where_they_are_kept) {
  const OriginProcess origin(R"({"default": {"size": 100}})");
  const Client client = open_client(origin.url());
  for (const bool keeps : {false, true}) {
    Submit how;
    how.keeps_attempts = keeps;
    const Batch batch = submit(client, {"a"}, how);
    ASSERT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
    std::string text(8192, '\0');
    std::size_t size = 0;
    ASSERT_EQ(octo_batch_explain(batch.get(), OCTO_EXPLAIN_JSON, text.data(), text.size(), &size), OCTO_OK);
    text.resize(size);
    const std::string wanted = R"("attempts":[{"request":0,"number":1,"cause":"first","status":"OK","settled":true,)";
    EXPECT_EQ(text.find(wanted) != std::string::npos, keeps) << text;
  }
}

}  // namespace
}  // namespace octo_test
