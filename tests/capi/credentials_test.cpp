// octo_client_credentials_set: used from the next attempt, refused with a reason, and inherited by the child of a fork.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

constexpr char kScript[] = R"({"signature": {"region": "us-east-1", "access_key_id": "AKID",
                                             "secret_access_key": "right"}, "default": {"size": 100}})";

octo_credentials credentials(const char *id, const char *secret) {
  octo_credentials made{};
  made.size = sizeof made;
  made.access_key_id = id;
  made.secret_access_key = secret;
  return made;
}

class credentials_test : public testing::Test {
 protected:
  octo_status set(const octo_credentials &given) {
    error_ = OCTO_ERROR_INIT;
    return octo_client_credentials_set(client_.get(), &given, &error_);
  }
  octo_status fetch_one() {
    const Batch batch = submit(client_, {"key"}, {10'000'000});
    octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
    octo_result result{};
    octo_batch_results(batch.get(), 0, &result, sizeof result, 1);
    return result.status;
  }

  const OriginProcess origin_{kScript};
  const Client client_ = open_client("s3://bucket", {{"s3.endpoint", origin_.url()}});
  octo_error error_ = OCTO_ERROR_INIT;
};

TEST_F(credentials_test, are_used_from_the_next_attempt) {
  EXPECT_EQ(fetch_one(), OCTO_NO_CREDENTIALS);
  EXPECT_EQ(set(credentials("AKID", "wrong")), OCTO_OK);
  EXPECT_EQ(fetch_one(), OCTO_FORBIDDEN);
  EXPECT_EQ(set(credentials("AKID", "right")), OCTO_OK);
  EXPECT_EQ(fetch_one(), OCTO_OK);
}

TEST_F(credentials_test, set_before_the_first_batch_count) {
  EXPECT_EQ(set(credentials("AKID", "right")), OCTO_OK);
  EXPECT_EQ(fetch_one(), OCTO_OK);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
  EXPECT_EQ(fetch_one(), OCTO_OK) << "a new thread of the engine has them as well";
}

TEST_F(credentials_test, that_are_expired_say_so) {
  octo_credentials expired = credentials("AKID", "right");
  expired.flags = OCTO_CREDENTIALS_EXPIRES_AT;
  expired.expires_at_s = 1'000'000;
  EXPECT_EQ(set(expired), OCTO_OK);
  EXPECT_EQ(fetch_one(), OCTO_NO_CREDENTIALS);
}

TEST_F(credentials_test, row_80_that_cannot_sign_are_refused_and_not_repeated) {
  EXPECT_EQ(set(credentials("AKID", "se cret")), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(std::string(error_.text).find("se cret"), std::string::npos) << error_.text;
  EXPECT_EQ(set(credentials(nullptr, "secret")), OCTO_INVALID_ARGUMENT);
  octo_credentials unknown = credentials("AKID", "right");
  unknown.flags = 64;
  EXPECT_EQ(set(unknown), OCTO_UNSUPPORTED);
  octo_credentials flagged = credentials("AKID", "right");
  flagged.flags = OCTO_CREDENTIALS_SESSION_TOKEN;
  EXPECT_EQ(set(flagged), OCTO_INVALID_ARGUMENT);
  octo_credentials unsized = credentials("AKID", "right");
  unsized.size = 0;
  EXPECT_EQ(set(unsized), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_client_credentials_set(client_.get(), nullptr, &error_), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(fetch_one(), OCTO_NO_CREDENTIALS) << "nothing was set";
}

TEST_F(credentials_test, are_unsupported_where_nothing_is_signed) {
  const octo_credentials given = credentials("AKID", "right");
  const Client plain = open_client(origin_.url());
  EXPECT_EQ(octo_client_credentials_set(plain.get(), &given, &error_), OCTO_UNSUPPORTED);
  const Client anonymous = open_client("s3://bucket", {{"s3.endpoint", origin_.url()}, {"s3.unsigned", "true"}});
  EXPECT_EQ(octo_client_credentials_set(anonymous.get(), &given, &error_), OCTO_UNSUPPORTED);
}

TEST_F(credentials_test, row_69_a_child_of_fork_signs_with_its_parents) {
  EXPECT_EQ(set(credentials("AKID", "right")), OCTO_OK);
  EXPECT_EQ(fetch_one(), OCTO_OK);
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    const bool is_right =
        fetch_one() == OCTO_OK && set(credentials("AKID", "wrong")) == OCTO_OK && fetch_one() == OCTO_FORBIDDEN;
    _exit(is_right ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(fetch_one(), OCTO_OK) << "the parent's are its own";
}

}  // namespace
}  // namespace octo_test
