// What S3 says of a request it refuses: the fields of its XML error document.
//
// A pure function of bytes that anybody may have sent: garbage, a cut document and any depth of nesting give less,
// never more work than one pass. Not an XML parser: no document type, no entities but the five of XML and character
// numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace octo {

// Documents of S3 have some hundred bytes; what comes behind this is not read.
inline constexpr std::size_t kS3ErrorBytesMax = 64 * 1024;
inline constexpr std::size_t kS3ErrorTokenBytesMax = 256;     // of each field but the message
inline constexpr std::size_t kS3ErrorMessageBytesMax = 1024;  // longer ones end in "..."

// Printable text (base/printable.hpp); "" for what the document does not have, or not whole.
struct S3Error {
  std::string code;  // "NoSuchKey"
  std::string message;
  std::string request_id;
  std::string host_id;
  std::string region;  // where the bucket is, of a request signed for another region
};

// Empty when the root element is not <Error>. A response with status 200 can have such a body as well; for a GET that
// may be the object itself, so whoever asks decides what it means.
std::optional<S3Error> parse_s3_error(std::string_view document);

}  // namespace octo
