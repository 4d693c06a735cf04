// That the guard is what keeps bodies right: the scenario of right_bytes_test.cpp on a copy of the library without it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "capi/right_bytes.hpp"

namespace octo_test {
namespace {

// From 8.0 libcurl looks for stray bytes itself, if only now and then.
bool has_own_check() {
  const std::string information = octo_build_information();
  const std::string name = "libcurl ";
  const std::size_t at = information.find(name);
  return at == std::string::npos || std::atoi(information.c_str() + at + name.size()) >= 8;
}

class unguarded_test : public testing::TestWithParam<const char *> {};

TEST_P(unguarded_test, without_the_guard_the_same_rounds_deliver_a_wrong_body) {
  if (has_own_check()) GTEST_SKIP() << octo_build_information() << " looks for stray bytes itself";
  RightBytes scenario(GetParam());
  scenario.run_until_wrong(20);
  std::cout << scenario.report() << "\nthe first: " << scenario.tally().first_wrong << '\n';
  EXPECT_GT(scenario.tally().wrong, 0U);
}

INSTANTIATE_TEST_SUITE_P(over, unguarded_test, testing::Values("http", "https"),
                         [](const auto &test) { return std::string(test.param); });

}  // namespace
}  // namespace octo_test
