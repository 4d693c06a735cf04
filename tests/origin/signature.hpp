// Whether a request is signed as AWS Signature Version 4 demands. Worked out from AWS's description alone, with nothing of the
// library's signer, which is what it judges.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "request_head.hpp"

namespace octo::origin {

// Who may ask, and where this origin says it is.
struct SignatureRule {
  std::string region;
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // Empty: none may come.
  bool is_expired = false;    // Answers as to a token that was good once.
  double skew_max_s = 900;
};

// S3's code and status for what is wrong; an empty code when nothing is.
struct SignatureVerdict {
  int status = 200;
  std::string code;
  std::string region;  // Of the bucket, when the request was signed for another one.
};

SignatureVerdict judge_signature(const RequestHead &head, const SignatureRule &rule, std::time_t now);

}  // namespace octo::origin
