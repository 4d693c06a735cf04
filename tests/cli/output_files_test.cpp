// Tests that bodies are written whole, beneath the directory, and never through a link.
#include "output_files.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include "exit_code.hpp"

namespace octo::cli {

// How GoogleTest shows the parameter.
static void PrintTo(Opening opening, std::ostream *stream) {  // NOLINT(readability-identifier-naming): its name
  *stream << (opening == Opening::whole ? "whole" : "stepwise");
}

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path &file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t entry_count(const fs::path &directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

// A directory to write beneath, and beside it one that must stay as it is.
class OutputFilesTest : public testing::TestWithParam<Opening> {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "octofetch-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base_ = name;
    fs::create_directory(outside_ = base_ / "outside");
    std::ofstream(outside_ / "victim") << "untouched";
  }
  void TearDown() override { fs::remove_all(base_); }

  OutputFiles open_files() { return OutputFiles((base_ / "out").string(), GetParam()); }
  fs::path out() const { return base_ / "out"; }

  // Nothing was made or changed outside.
  void expect_outside_untouched() const {
    EXPECT_EQ(entry_count(outside_), 1u);
    EXPECT_EQ(content_of(outside_ / "victim"), "untouched");
    EXPECT_EQ(entry_count(base_), 2u);
  }

  fs::path base_;
  fs::path outside_;
};

TEST_P(OutputFilesTest, writes_bodies_under_their_keys) {
  OutputFiles files = open_files();
  const std::string body("\0binary\xff", 8);
  EXPECT_EQ(files.write("a", body), "");
  EXPECT_EQ(files.write("b/c/d", "deep"), "");
  EXPECT_EQ(files.write("b/c/e", ""), "");
  EXPECT_EQ(content_of(out() / "a"), body);
  EXPECT_EQ(content_of(out() / "b/c/d"), "deep");
  EXPECT_EQ(content_of(out() / "b/c/e"), "");
}

TEST_P(OutputFilesTest, replaces_a_file_and_leaves_no_temporary_file) {
  OutputFiles files = open_files();
  EXPECT_EQ(files.write("a", "old and longer"), "");
  EXPECT_EQ(files.write("a", "new"), "");
  EXPECT_EQ(content_of(out() / "a"), "new");
  EXPECT_EQ(entry_count(out()), 1u);
}

TEST_P(OutputFilesTest, refuses_keys_that_would_leave_the_directory) {
  OutputFiles files = open_files();
  for (const std::string key :
       {"../outside/new", "../victim", "/tmp/octofetch-absolute", "a/../../outside/new", ".."}) {
    EXPECT_NE(files.write(key, "evil"), "") << key;
  }
  expect_outside_untouched();
  EXPECT_EQ(entry_count(out()), 0u);
}

TEST_P(OutputFilesTest, does_not_follow_a_link_to_a_directory) {
  OutputFiles files = open_files();
  fs::create_directory_symlink(outside_, out() / "link");
  EXPECT_NE(files.write("link/new", "evil"), "");
  EXPECT_NE(files.write("link/victim", "evil"), "");
  EXPECT_NE(files.write("link/deeper/new", "evil"), "");
  expect_outside_untouched();
}

TEST_P(OutputFilesTest, does_not_follow_a_link_deeper_down) {
  OutputFiles files = open_files();
  fs::create_directories(out() / "a");
  fs::create_directory_symlink("../../outside", out() / "a/link");
  EXPECT_NE(files.write("a/link/new", "evil"), "");
  expect_outside_untouched();
}

TEST_P(OutputFilesTest, does_not_follow_a_link_that_stays_beneath_either) {
  OutputFiles files = open_files();
  fs::create_directory(out() / "real");
  fs::create_directory_symlink("real", out() / "link");
  EXPECT_NE(files.write("link/a", "x"), "");
  EXPECT_EQ(entry_count(out() / "real"), 0u);
}

TEST_P(OutputFilesTest, replaces_a_link_to_a_file_instead_of_its_target) {
  OutputFiles files = open_files();
  fs::create_symlink(outside_ / "victim", out() / "a");
  EXPECT_EQ(files.write("a", "new"), "");
  EXPECT_FALSE(fs::is_symlink(out() / "a"));
  EXPECT_EQ(content_of(out() / "a"), "new");
  expect_outside_untouched();
}

TEST_P(OutputFilesTest, a_dangling_link_is_no_way_out) {
  OutputFiles files = open_files();
  fs::create_directory_symlink(outside_ / "missing", out() / "link");
  EXPECT_NE(files.write("link/new", "evil"), "");
  expect_outside_untouched();
}

TEST_P(OutputFilesTest, a_file_where_a_directory_must_be_is_an_error_and_nothing_is_left) {
  OutputFiles files = open_files();
  EXPECT_EQ(files.write("a", "file"), "");
  EXPECT_NE(files.write("a/b", "x"), "");
  EXPECT_EQ(files.write("c/d", "file"), "");
  EXPECT_NE(files.write("c", "x"), "");
  EXPECT_EQ(content_of(out() / "a"), "file");
  EXPECT_EQ(entry_count(out()), 2u);
}

TEST_P(OutputFilesTest, the_directory_may_itself_be_behind_a_link) {
  fs::create_directory(base_ / "out");
  fs::create_directory_symlink("out", base_ / "alias");
  OutputFiles files((base_ / "alias").string(), GetParam());
  EXPECT_EQ(files.write("a/b", "x"), "");
  EXPECT_EQ(content_of(out() / "a/b"), "x");
}

TEST_P(OutputFilesTest, a_directory_that_cannot_be_made_is_a_configuration_error) {
  try {
    OutputFiles((outside_ / "victim/out").string(), GetParam());
    FAIL() << "it was made";
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.exit_code(), kExitConfiguration);
  }
}

INSTANTIATE_TEST_SUITE_P(, OutputFilesTest, testing::Values(Opening::whole, Opening::stepwise),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace octo::cli
