// How one key ended: the library's result, and what became of the file that it was to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "octofetch.h"

namespace octo::cli {

struct Outcome {
  octo_result result{};      // its pointers live as long as the batch
  std::string output_error;  // why an OK body could not be written beneath DIR; "" when it was, or was not to be

  std::string_view key() const noexcept { return {static_cast<const char *>(result.key), result.key_size}; }
  std::string_view body() const noexcept { return {static_cast<const char *>(result.body), result.body_size}; }
  bool is_ok() const noexcept { return result.status == OCTO_OK || result.status == OCTO_NOT_MODIFIED; }
  bool is_late() const noexcept { return result.status == OCTO_DEADLINE || result.status == OCTO_SHED; }
  bool is_settled() const noexcept { return (result.flags & OCTO_RESULT_SETTLED) != 0; }
};

}  // namespace octo::cli
