// Tests of the bars, of the choice of rows, and of the drawing as a whole.
#include "timeline.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "bar.hpp"
#include "example_outcomes.hpp"
#include "progress.hpp"
#include "text_width.hpp"
#include "timeline_rows.hpp"

namespace octo::cli {
namespace {

std::string letters(const std::vector<int> &cells) {
  std::string text;
  for (const int cell : cells) text += "qrcswR~ "[cell];
  return text;
}

octo_batch_info batch(std::uint64_t budget_us, std::uint64_t frozen_us) {
  octo_batch_info info{};
  info.budget_us = budget_us;
  info.frozen_us = frozen_us;
  return info;
}

Terminal plain_terminal(std::size_t columns) {
  Terminal terminal;
  terminal.columns = columns;
  return terminal;
}

std::vector<std::string> lines_of(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Bar, has_cells_in_proportion_to_the_phases) {
  const std::vector<Span> spans = {{OCTO_PHASE_QUEUED, 20}, {OCTO_PHASE_WAITING, 50}, {OCTO_PHASE_RECEIVING, 10}};
  EXPECT_EQ(letters(cells_of(spans, 100, 10)), "qqwwwwwR  ");
  EXPECT_EQ(letters(cells_of(spans, 80, 8)), "qqwwwwwR");
}

TEST(Bar, is_seen_however_short) {
  EXPECT_EQ(letters(cells_of({{OCTO_PHASE_WAITING, 1}}, 1'000'000, 5)), "w    ");
  EXPECT_EQ(letters(cells_of({}, 100, 3)), "   ");
}

TEST(Bar, shows_in_each_cell_the_phase_that_took_most_of_it) {
  EXPECT_EQ(letters(cells_of({{OCTO_PHASE_CONNECTING, 4}, {OCTO_PHASE_WAITING, 16}}, 20, 2)), "ww");
  EXPECT_EQ(letters(cells_of({{OCTO_PHASE_CONNECTING, 6}, {OCTO_PHASE_WAITING, 14}}, 20, 2)), "cw");
}

TEST(Bar, does_not_overflow_on_the_longest_budget) {
  const std::uint64_t longest_us = 600'000'000;
  EXPECT_EQ(letters(cells_of({{OCTO_PHASE_WAITING, longest_us}}, longest_us, 200)), std::string(200, 'w'));
}

TEST(Bar, of_an_unsettled_key_ends_in_the_phase_it_was_in) {
  const Outcome outcome = unsettled_outcome("a", OCTO_PHASE_CONNECTING, 30, 100);
  EXPECT_EQ(letters(cells_of(spans_of(outcome.result), 100, 10)), "~~~ccccccc");
}

TEST(Bar, of_a_settled_key_reaches_to_its_end_even_where_no_phase_is_known) {
  Outcome outcome = settled_outcome("a", OCTO_OK, 100);
  outcome.result.waiting_us = 60;
  EXPECT_EQ(letters(cells_of(spans_of(outcome.result), 100, 10)), "~~~~wwwwww");
}

TEST(Bar, of_a_key_that_was_turned_away_is_all_in_one_phase) {
  Outcome outcome = settled_outcome("a", OCTO_SHED, 50);
  outcome.result.phase = OCTO_PHASE_QUEUED;
  outcome.result.waiting_us = 0;
  EXPECT_EQ(letters(cells_of(spans_of(outcome.result), 100, 10)), "qqqqq     ");
}

TEST(TimelineRows, keep_the_order_of_the_keys_when_all_fit) {
  const std::vector<Outcome> outcomes = {settled_outcome("a", OCTO_OK, 9), settled_outcome("b", OCTO_OK, 1)};
  const TimelineRows rows = choose_timeline_rows(outcomes, 2);
  EXPECT_EQ(rows.shown, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(rows.hidden_count, 0u);
}

TEST(TimelineRows, are_those_that_failed_and_then_the_slowest) {
  const std::vector<Outcome> outcomes = {settled_outcome("fast", OCTO_OK, 1), settled_outcome("slow", OCTO_OK, 9),
                                         settled_outcome("missing", OCTO_NOT_FOUND, 2),
                                         settled_outcome("slower", OCTO_OK, 10)};
  const TimelineRows rows = choose_timeline_rows(outcomes, 3);
  EXPECT_EQ(rows.shown, (std::vector<std::size_t>{2, 1, 3}));
  EXPECT_EQ(rows.hidden_count, 1u);
  EXPECT_EQ(rows.hidden_failed_count, 0u);
}

TEST(TimelineRows, tell_how_many_failed_ones_had_no_room) {
  const std::vector<Outcome> outcomes(5, settled_outcome("a", OCTO_NOT_FOUND, 5));
  const TimelineRows rows = choose_timeline_rows(outcomes, 2);
  EXPECT_EQ(rows.hidden_count, 3u);
  EXPECT_EQ(rows.hidden_failed_count, 3u);
}

TEST(Timeline, draws_bars_the_deadline_and_the_statuses) {
  Outcome quick = settled_outcome("quick", OCTO_OK, 30'000);
  quick.result.connecting_us = 10'000;
  quick.result.waiting_us = 10'000;
  quick.result.receiving_us = 10'000;
  const std::vector<Outcome> outcomes = {quick, unsettled_outcome("late", OCTO_PHASE_WAITING, 50'000, 100'000)};
  const std::string text = draw_timeline(outcomes, batch(100'000, 100'000), plain_terminal(45), 40);
  EXPECT_EQ(text,
            "quick  ccww##              | OK 30 ms\n"
            "late   ~~~~~~~~~~wwwwwwwwww| DEADLINE waiting\n"
            "       0              100 ms\n"
            "       c connecting  w waiting  # receiving  ~ earlier  | deadline\n");
}

TEST(Timeline, uses_other_glyphs_and_colours_where_the_terminal_can) {
  const std::vector<Outcome> outcomes = {settled_outcome("a", OCTO_OK, 100'000)};
  Terminal terminal = plain_terminal(80);
  terminal.has_utf8 = true;
  const std::string shaded = draw_timeline(outcomes, batch(100'000, 100'000), terminal, 40);
  EXPECT_NE(shaded.find("\u2591\u2591"), std::string::npos);
  EXPECT_EQ(shaded.find('\x1b'), std::string::npos);
  terminal.has_colour = true;
  EXPECT_NE(draw_timeline(outcomes, batch(100'000, 100'000), terminal, 40).find("\x1b[36m"), std::string::npos);
}

TEST(Timeline, of_a_batch_far_from_its_deadline_is_scaled_to_what_happened) {
  const std::vector<Outcome> outcomes = {settled_outcome("a", OCTO_OK, 50'000)};
  const std::string text = draw_timeline(outcomes, batch(10'000'000, 50'000), plain_terminal(60), 40);
  EXPECT_EQ(text.find('|'), std::string::npos);
  EXPECT_NE(text.find("the deadline was at 10 s"), std::string::npos);
  EXPECT_NE(text.find("wwwwwwwwww"), std::string::npos);
}

TEST(Timeline, fits_the_terminal_with_the_longest_keys) {
  const std::string key(900, 'k');
  const std::vector<Outcome> outcomes(3, settled_outcome(key, OCTO_OK, 100'000));
  const std::string text = draw_timeline(outcomes, batch(100'000, 100'000), plain_terminal(80), 40);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(text_width(lines_of(text)[i]), 80u);
}

TEST(Timeline, says_how_many_keys_it_does_not_show) {
  const std::vector<Outcome> outcomes(100, settled_outcome("a", OCTO_OK, 100'000));
  const std::string text = draw_timeline(outcomes, batch(100'000, 100'000), plain_terminal(80), 40);
  EXPECT_EQ(lines_of(text).size(), 43u);
  EXPECT_NE(text.find("60 of 100 keys are not shown"), std::string::npos);
}

TEST(Timeline, never_shows_the_control_bytes_of_a_key) {
  const std::vector<Outcome> outcomes = {settled_outcome("a\x1b[2J", OCTO_OK, 100'000)};
  const std::string text = draw_timeline(outcomes, batch(100'000, 100'000), plain_terminal(80), 40);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a\\x1b[2J"), std::string::npos);
}

TEST(Timeline, of_no_keys_is_nothing) { EXPECT_EQ(draw_timeline({}, batch(1, 1), plain_terminal(80), 40), ""); }

TEST(ProgressLine, shows_counts_bytes_and_the_time_left) {
  const ProgressState state{25, 100, 245'760, 120'000, 300'000};
  EXPECT_EQ(progress_line(state, plain_terminal(80)), "[#######-----------------------] 25/100  240 KiB  180 ms left");
}

TEST(ProgressLine, fits_a_narrow_terminal) {
  const ProgressState state{25, 100, 245'760, 400'000, 300'000};
  EXPECT_LE(text_width(progress_line(state, plain_terminal(40))), 39u);
}

}  // namespace
}  // namespace octo::cli
