// Tests of the summary's sentences.
#include "summary.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "example_outcomes.hpp"

namespace octo::cli {
namespace {

const Paint kPlain(false);

octo_batch_info info_of(const std::vector<Outcome> &outcomes) {
  octo_batch_info info{};
  info.budget_us = 300'000;
  info.frozen_us = 300'000;
  info.request_count = outcomes.size();
  info.body_size = 2048;
  info.pickup_lag_us = 120;
  for (const Outcome &outcome : outcomes) info.ok_count += outcome.is_ok() ? 1 : 0;
  return info;
}

std::string summary_of(const std::vector<Outcome> &outcomes, bool is_verbose = false) {
  return summarise(outcomes, info_of(outcomes), kPlain, is_verbose);
}

TEST(Summary, of_a_batch_that_came_in_time_is_two_lines) {
  EXPECT_EQ(summary_of({settled_outcome("a", OCTO_OK, 20'000), settled_outcome("b", OCTO_NOT_MODIFIED, 40'000)}),
            "2 of 2 in time, 2.0 KiB, 300 ms of 300 ms\n"
            "settled after: p50 20 ms, p90 40 ms, p99 40 ms, max 40 ms\n");
}

TEST(Summary, groups_late_keys_by_where_their_time_went) {
  std::vector<Outcome> outcomes;
  outcomes.push_back(unsettled_outcome("q", OCTO_PHASE_QUEUED, 0, 300'000));
  for (int i = 0; i < 3; ++i) outcomes.push_back(unsettled_outcome("w", OCTO_PHASE_WAITING, 1000, 300'000));
  outcomes.push_back(settled_outcome("s", OCTO_SHED, 10'000));
  outcomes.back().result.address = "";
  EXPECT_EQ(summary_of(outcomes),
            "0 of 5 in time, 2.0 KiB, 300 ms of 300 ms\n"
            "late 5: waiting 3 (192.0.2.7:443), queued 1, SHED 1\n");
}

TEST(Summary, leaves_keys_that_were_turned_away_out_of_the_percentiles) {
  std::vector<Outcome> outcomes(10, settled_outcome("shed", OCTO_SHED, 100));
  for (Outcome &outcome : outcomes) outcome.result.attempts = 0;
  outcomes.push_back(settled_outcome("a", OCTO_OK, 20'000));
  outcomes.push_back(settled_outcome("b", OCTO_SERVER_ERROR, 40'000));
  const std::string text = summary_of(outcomes);
  EXPECT_NE(text.find("settled after: p50 20 ms, p90 40 ms"), std::string::npos) << text;
}

TEST(Summary, names_a_few_addresses_of_a_reason) {
  std::vector<Outcome> outcomes(4, settled_outcome("a", OCTO_CONNECT_FAILED, 1000));
  outcomes[1].result.address = "192.0.2.8:443";
  outcomes[2].result.address = "192.0.2.9:443";
  const std::string text = summary_of(outcomes);
  EXPECT_NE(text.find("failed 4: CONNECT_FAILED 4 (192.0.2.7:443, 192.0.2.8:443 and 1 more)\n"), std::string::npos)
      << text;
}

TEST(Summary, names_the_first_keys_that_failed_and_verbosely_all) {
  std::vector<Outcome> outcomes(5, settled_outcome("gone.jpg", OCTO_NOT_FOUND, 1000));
  for (Outcome &outcome : outcomes) outcome.result.message = "the origin answered 404";
  const std::string brief = summary_of(outcomes);
  EXPECT_NE(brief.find("missing 5\n  gone.jpg: NOT_FOUND: the origin answered 404\n"), std::string::npos) << brief;
  EXPECT_NE(brief.find("  and 2 more (--verbose names every one)\n"), std::string::npos) << brief;
  EXPECT_EQ(brief.find("pickup lag"), std::string::npos);
  const std::string verbose = summary_of(outcomes, true);
  EXPECT_EQ(verbose.find("more (--verbose"), std::string::npos) << verbose;
  EXPECT_NE(verbose.find("pickup lag 120 us\n"), std::string::npos) << verbose;
}

TEST(Summary, tells_an_interrupted_batch_apart) {
  Outcome outcome = unsettled_outcome("a", OCTO_PHASE_WAITING, 10, 100'000);
  outcome.result.status = OCTO_CANCELLED;
  const std::string text = summary_of({outcome, outcome});
  EXPECT_NE(text.find("cancelled 2: waiting 2 (192.0.2.7:443)\n"), std::string::npos) << text;
}

TEST(Summary, escapes_what_keys_and_servers_send) {
  std::vector<Outcome> outcomes = {settled_outcome("a\x1b[2J", OCTO_SERVER_ERROR, 1000)};
  outcomes[0].result.message = "\x1b]0;evil\x07";
  outcomes[0].result.address = "\x1b[31m";
  EXPECT_EQ(summary_of(outcomes, true).find('\x1b'), std::string::npos);
  outcomes[0].output_error = "no";
  EXPECT_EQ(output_errors(outcomes), "octofetch: a\\x1b[2J: not written: no\n");
}

}  // namespace
}  // namespace octo::cli
