// What to do about an error of S3, and which status it stands for behind a 200.
#include "transport/s3_answer.hpp"

#include <gtest/gtest.h>

namespace octo {
namespace {

S3Error error(const char *code, const char *region = "") {
  S3Error made;
  made.code = code;
  made.region = region;
  return made;
}

TEST(S3Answer, another_region_is_named) {
  EXPECT_EQ(s3_advice(301, error("PermanentRedirect", "eu-west-1"), ""),
            "; the bucket is in eu-west-1: set s3.region to it");
  EXPECT_EQ(s3_advice(400, error("AuthorizationHeaderMalformed", "eu-west-1"), ""),
            "; the bucket is in eu-west-1: set s3.region to it");
  EXPECT_EQ(s3_advice(301, error("PermanentRedirect"), ""), "");
  EXPECT_EQ(s3_advice(403, error("AccessDenied", "eu-west-1"), ""), "");
}

TEST(S3Answer, a_clock_that_is_wrong_is_told_with_the_origins) {
  EXPECT_EQ(s3_advice(403, error("RequestTimeTooSkewed"), "Fri, 24 May 2013 00:00:00 GMT"),
            "; this machine's clock is too far from the origin's, which says Fri, 24 May 2013 00:00:00 GMT: set it "
            "right");
  EXPECT_EQ(s3_advice(403, error("RequestTimeTooSkewed"), ""),
            "; this machine's clock is too far from the origin's: set it right");
}

TEST(S3Answer, an_error_behind_a_200_is_throttling_or_the_servers) {
  EXPECT_EQ(status_of_s3_error("SlowDown"), Status::throttled);
  EXPECT_EQ(status_of_s3_error("InternalError"), Status::server_error);
  EXPECT_EQ(status_of_s3_error(""), Status::server_error);
}

}  // namespace
}  // namespace octo
