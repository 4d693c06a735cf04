// What one response says and holds, checked while it arrives: the bytes of an object are believed only when the
// framing is beyond doubt.
//
// libcurl finds the lines and takes chunks apart; this decides what they mean. It knows no socket and no libcurl, so
// tests feed it lines and bytes. I/O thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/byte_range.hpp"
#include "base/ledger.hpp"
#include "base/result.hpp"
#include "base/s3_error.hpp"

namespace octo {

inline constexpr std::size_t kHeaderBytesMax = 64 * 1024;  // of a response, with its informational ones
inline constexpr std::uint32_t kHeaderLinesMax = 200;
inline constexpr std::uint32_t kInformationalMax = 10;
inline constexpr std::uint64_t kDiscardedBytesMax = 64 * 1024;  // of a body nobody wants, read to keep the connection

// What was asked, as far as it decides what may come.
struct ResponseRules {
  std::optional<ByteRange> range;
  bool has_validator = false;  // If-None-Match was sent
  bool head = false;
  bool unframed_allowed = false;
  bool is_s3 = false;  // errors come as documents of S3, now and then behind a 200
  std::uint64_t object_size_max = 0;
};

class Response {
 public:
  Response(const ResponseRules &rules, Ledger &ledger) noexcept : rules_(rules), ledger_(ledger) {}
  // Discharges what it still holds.
  ~Response();
  Response(const Response &) = delete;
  Response &operator=(const Response &) = delete;

  // A header line with its end of line, as libcurl hands it over: status lines, fields, the empty line, trailers.
  // False when nothing more may be read.
  bool take_header(std::string_view line);
  bool take_body(const void *bytes, std::size_t count);
  // libcurl says that the response is over. The first failure stays.
  void finish();

  bool has_begun() const noexcept { return header_lines_ != 0; }
  bool has_head() const noexcept { return state_ == State::body; }
  bool is_chunked() const noexcept { return is_chunked_; }
  // The status says how the exchange ended, and what happens to the body does not matter any more.
  bool is_settled_by_status() const noexcept { return has_head() && !failure_ && !keeps_body_; }
  // Why the response is not believed; null when it is.
  const Failure *failure() const noexcept { return failure_ ? &*failure_ : nullptr; }

  std::uint32_t http_status() const noexcept { return http_status_; }
  bool is_partial() const noexcept { return keeps_body_ && http_status_ == 206; }
  bool has_range() const noexcept { return rules_.range.has_value(); }
  std::uint64_t object_size() const noexcept { return object_size_; }
  std::uint64_t bytes_received() const noexcept { return bytes_received_; }
  std::optional<std::uint64_t> bytes_declared() const noexcept { return bytes_declared_; }
  std::optional<std::uint64_t> bytes_left() const noexcept;

  // Once. The charge goes with the body: the receiver discharges or delivers it.
  Buffer take_kept_body() noexcept;
  std::string take_kept_headers() noexcept { return std::move(kept_headers_); }
  std::string take_request_id() noexcept { return std::move(request_id_); }
  std::string take_extended_request_id() noexcept { return std::move(extended_request_id_); }
  // The error document of S3 that came with a failure, or behind a 200; empty fields where there is none.
  S3Error take_error() const;
  // The clock of the origin, by its Date header, beside an error status.
  const std::string &date() const noexcept { return date_; }

 private:
  enum class State : std::uint8_t { status_line, fields, body };

  bool take_status_line(std::string_view line);
  bool take_field(std::string_view line);
  void take_origin_field(const std::string &name, std::string_view value);
  bool is_error_in_disguise() const;
  std::string_view body_text() const noexcept;
  bool take_framing_field(std::string_view name, std::string_view value);
  bool end_head();
  bool check_object();
  bool check_partial();
  bool check_whole();
  bool keep(const void *bytes, std::size_t count);
  bool discard(const void *bytes, std::size_t count);
  [[nodiscard]] bool grow(std::uint64_t bytes) noexcept;
  bool refuse(Status status, std::string text);
  void drop_body() noexcept;

  const ResponseRules rules_;
  Ledger &ledger_;

  State state_ = State::status_line;
  std::size_t header_bytes_ = 0;
  std::uint32_t header_lines_ = 0;
  std::uint32_t informational_ = 0;
  std::optional<Failure> failure_;

  std::uint32_t http_status_ = 0;
  bool is_http_1_0_ = false;
  bool is_chunked_ = false;
  bool is_xml_ = false;
  bool is_multipart_ = false;
  bool has_content_range_ = false;
  bool keeps_body_ = false;
  std::optional<std::uint64_t> content_length_;
  std::string content_range_;
  std::string kept_headers_;
  std::string request_id_;
  std::string extended_request_id_;
  std::string region_;  // of the bucket, when it was asked for elsewhere
  std::string date_;
  bool has_etag_ = false;

  std::uint64_t object_size_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::optional<std::uint64_t> bytes_declared_;
  std::uint64_t bytes_charged_ = 0;
  std::uint64_t bytes_reserved_ = 0;
  Buffer body_;
  std::string error_document_;
};

}  // namespace octo
