// The few response headers that a result keeps, bounded, in one string.
//
// It does not decide anything: the headers that frame a body are read by Response.
#pragma once

#include <string>
#include <string_view>

namespace octo {

inline constexpr std::size_t kKeptHeaderBytesMax = 4096;

// content-*, etag, last-modified, cache-control, expires, location, retry-after, x-amz-version-id, x-amz-meta-*.
bool is_kept_header(std::string_view lower_case_name) noexcept;

// Appends "name NUL value NUL". A header that would pass the limit, has a control byte other than tab in its value, or a
// name that is no token, is left out as a whole: half a value is worse than none.
void keep_header(std::string_view lower_case_name, std::string_view value, std::string &kept);

}  // namespace octo
