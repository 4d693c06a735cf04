// Tests of the exit codes that scripts rely on.
#include "exit_code.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "example_outcomes.hpp"

namespace octo::cli {
namespace {

int code_of(std::initializer_list<octo_status> statuses) {
  std::vector<Outcome> outcomes;
  for (const octo_status status : statuses) outcomes.push_back(settled_outcome("key", status, 1000));
  return exit_code_of(outcomes);
}

TEST(ExitCode, is_0_when_all_is_well) {
  EXPECT_EQ(code_of({}), kExitOk);
  EXPECT_EQ(code_of({OCTO_OK}), kExitOk);
  EXPECT_EQ(code_of({OCTO_OK, OCTO_NOT_MODIFIED}), kExitOk);
}

TEST(ExitCode, is_1_when_some_failed) {
  EXPECT_EQ(code_of({OCTO_OK, OCTO_SERVER_ERROR}), kExitSomeFailed);
  EXPECT_EQ(code_of({OCTO_DEADLINE, OCTO_SERVER_ERROR}), kExitSomeFailed);
  EXPECT_EQ(code_of({OCTO_OK, OCTO_CONNECT_FAILED}), kExitSomeFailed);
  EXPECT_EQ(code_of({OCTO_CONNECT_FAILED, OCTO_FORBIDDEN}), kExitSomeFailed);
  EXPECT_EQ(code_of({OCTO_SERVER_ERROR}), kExitSomeFailed);
}

TEST(ExitCode, is_1_when_a_body_was_not_written) {
  std::vector<Outcome> outcomes = {settled_outcome("../key", OCTO_OK, 1000)};
  outcomes[0].output_error = "the key cannot be a path";
  EXPECT_EQ(exit_code_of(outcomes), kExitSomeFailed);
}

TEST(ExitCode, is_4_when_the_deadline_is_all_that_was_missed) {
  EXPECT_EQ(code_of({OCTO_DEADLINE}), kExitDeadline);
  EXPECT_EQ(code_of({OCTO_OK, OCTO_SHED, OCTO_DEADLINE}), kExitDeadline);
}

TEST(ExitCode, is_5_for_a_single_missing_key_alone) {
  EXPECT_EQ(code_of({OCTO_NOT_FOUND}), kExitNotFound);
  EXPECT_EQ(code_of({OCTO_NOT_FOUND, OCTO_NOT_FOUND}), kExitSomeFailed);
}

TEST(ExitCode, is_6_when_nothing_came_for_the_network) {
  EXPECT_EQ(code_of({OCTO_TLS_FAILED}), kExitNetwork);
  EXPECT_EQ(code_of({OCTO_CONNECT_FAILED, OCTO_CIRCUIT_OPEN, OCTO_DEADLINE}), kExitNetwork);
}

TEST(ExitCode, is_3_when_nothing_came_for_want_of_credentials) {
  EXPECT_EQ(code_of({OCTO_NO_CREDENTIALS, OCTO_NO_CREDENTIALS}), kExitConfiguration);
}

}  // namespace
}  // namespace octo::cli
