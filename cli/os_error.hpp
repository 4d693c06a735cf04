// The system's words for an error number.
#pragma once

#include <string>
#include <system_error>

namespace octo::cli {

// Of an errno; strerror's answer could be overwritten by another thread of the library.
inline std::string error_text(int error) { return std::generic_category().message(error); }

}  // namespace octo::cli
