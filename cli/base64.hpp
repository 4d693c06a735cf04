// Base64 for bytes that JSON cannot hold.
#pragma once

#include <string>
#include <string_view>

namespace octo::cli {

// The standard alphabet with padding (RFC 4648 section 4).
std::string base64(std::string_view bytes);

}  // namespace octo::cli
