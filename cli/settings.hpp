// The client's options from the environment and, above it, from --set.
#pragma once

#include <string_view>
#include <vector>

#include "environment.hpp"
#include "handles.hpp"
#include "values.hpp"

namespace octo::cli {

struct Settings {
  Options options;
  bool has_budget;  // the option `budget` is set, so --budget may be left out
};

// For an s3 URL the variables of the AWS tools count as well: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
// AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. Ours come first.
// A batch of the full size fits into the queue unless queue.max is set lower.
// Throws Failure: kExitConfiguration for an option that the library refuses, kExitUsage for a secret in --set.
Settings read_settings(std::string_view url, const std::vector<Setting> &from_arguments,
                       const Environment &environment);

}  // namespace octo::cli
