// What an error of S3 means to a caller: the status it stands for, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/s3_error.hpp"
#include "base/status.hpp"

namespace octo {

// Of an error document behind a 200.
Status status_of_s3_error(std::string_view code) noexcept;

// "; the bucket is in eu-west-1: set s3.region to it", or "". `date` is the origin's clock, as its Date header has it.
std::string s3_advice(std::uint32_t http_status, const S3Error &error, std::string_view date);

}  // namespace octo
