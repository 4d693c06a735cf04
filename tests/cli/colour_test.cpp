// Tests of when the command uses colour, and of the characters it may draw with.
#include "colour.hpp"

#include <gtest/gtest.h>

#include "terminal.hpp"

namespace octo::cli {
namespace {

Environment with(Environment::Variables variables) { return Environment(std::move(variables)); }

bool automatic(bool is_terminal, Environment::Variables variables) {
  return wants_colour(ColourMode::automatic, is_terminal, Environment(std::move(variables)));
}

TEST(ColourChoice, follows_the_terminal) {
  EXPECT_TRUE(automatic(true, {{"TERM", "xterm"}}));
  EXPECT_FALSE(automatic(false, {{"TERM", "xterm"}}));
  EXPECT_FALSE(automatic(true, {{"TERM", "dumb"}}));
  EXPECT_FALSE(automatic(true, {{"CLICOLOR", "0"}}));
}

TEST(ColourChoice, no_color_beats_the_terminal_and_force) {
  EXPECT_FALSE(automatic(true, {{"NO_COLOR", "1"}}));
  EXPECT_FALSE(automatic(true, {{"NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}));
  EXPECT_TRUE(automatic(true, {{"NO_COLOR", ""}})) << "an empty NO_COLOR means nothing";
}

TEST(ColourChoice, force_beats_a_pipe) {
  EXPECT_TRUE(automatic(false, {{"CLICOLOR_FORCE", "1"}}));
  EXPECT_TRUE(automatic(false, {{"FORCE_COLOR", "1"}}));
  EXPECT_FALSE(automatic(false, {{"CLICOLOR_FORCE", "0"}}));
}

TEST(ColourChoice, the_command_line_beats_the_environment) {
  const Environment no_colour = with({{"NO_COLOR", "1"}});
  EXPECT_TRUE(wants_colour(ColourMode::always, false, no_colour));
  EXPECT_FALSE(wants_colour(ColourMode::never, true, with({{"FORCE_COLOR", "1"}})));
}

TEST(Locale, the_first_variable_that_is_set_counts) {
  EXPECT_TRUE(has_utf8_locale(with({{"LANG", "de_DE.UTF-8"}})));
  EXPECT_TRUE(has_utf8_locale(with({{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}})));
  EXPECT_FALSE(has_utf8_locale(with({{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}})));
  EXPECT_FALSE(has_utf8_locale(with({})));
}

TEST(Paint, leaves_text_alone_without_colour) {
  EXPECT_EQ(Paint(false)(Colour::red, "x"), "x");
  EXPECT_EQ(Paint(true)(Colour::red, "x"), "\x1b[31mx\x1b[0m");
}

}  // namespace
}  // namespace octo::cli
