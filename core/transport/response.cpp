// Reading and checking a response line by line, for response.hpp.
#include "transport/response.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/printable.hpp"
#include "transport/content_range.hpp"
#include "transport/kept_headers.hpp"
#include "transport/s3_answer.hpp"

namespace octo {
namespace {

constexpr std::uint64_t kReservedBytesMax = 1 << 20;  // ahead of the bytes: a length is only a claim
constexpr std::size_t kErrorDocumentBytesMax = 4096;
constexpr std::size_t kRequestIdBytesMax = 256;
constexpr std::size_t kNoteBytesMax = 64;

std::string_view without_line_end(std::string_view line) noexcept {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string count_text(std::uint64_t bytes) { return std::to_string(bytes) + " bytes"; }

}  // namespace

Response::~Response() { drop_body(); }

bool Response::take_header(std::string_view line) {
  if (failure_) return false;
  header_bytes_ += line.size();
  ++header_lines_;
  if (header_bytes_ > kHeaderBytesMax || header_lines_ > kHeaderLinesMax) {
    return refuse(Status::protocol_error, "the headers of the response pass 64 KiB or 200 lines");
  }
  line = without_line_end(line);
  switch (state_) {
    case State::status_line: return take_status_line(line);
    case State::fields: return line.empty() ? end_head() : take_field(line);
    case State::body: return true;  // trailers: bounded above, never merged into the headers (RFC 9110 section 6.5.1)
  }
  return false;
}

bool Response::take_status_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const bool is_valid = line.size() >= 12 && line.starts_with(kVersion) && (line[7] == '0' || line[7] == '1') &&
                        line[8] == ' ' && line[9] >= '1' && line[9] <= '5' && is_digit(line[10]) &&
                        is_digit(line[11]) && (line.size() == 12 || line[12] == ' ');
  if (!is_valid) {
    return refuse(Status::protocol_error,
                  "the response begins with '" + printable(line, 60) + "', which is no HTTP/1.1");
  }
  is_http_1_0_ = line[7] == '0';
  http_status_ = static_cast<std::uint32_t>((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
  state_ = State::fields;
  return true;
}

bool Response::take_field(std::string_view line) {
  if (http_status_ < 200) return true;
  const std::size_t colon = line.find(':');
  // A line that begins with a blank continues the one before: obsolete, and read differently by different parsers.
  const bool is_valid = colon != std::string_view::npos && colon != 0 && line.front() != ' ' && line.front() != '\t' &&
                        line[colon - 1] != ' ' && line[colon - 1] != '\t';
  if (!is_valid) {
    return refuse(Status::protocol_error, "'" + printable(line, 60) + "' in the response is no header");
  }
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (is_kept_header(name)) keep_header(name, value, kept_headers_);
  take_origin_field(name, value);
  return take_framing_field(name, value);
}

// What the origin says of itself and of the request.
void Response::take_origin_field(const std::string &name, std::string_view value) {
  if (name == "x-amz-request-id" || (name == "x-request-id" && request_id_.empty())) {
    request_id_ = printable(value, kRequestIdBytesMax);
  } else if (name == "x-amz-id-2") {
    extended_request_id_ = printable(value, kRequestIdBytesMax);
  } else if (name == "x-amz-bucket-region") {
    region_ = printable(value, kNoteBytesMax);
  } else if (name == "date" && http_status_ >= 400) {
    date_ = printable(value, kNoteBytesMax);
  } else if (name == "etag") {
    has_etag_ = true;
  }
}

bool Response::take_framing_field(std::string_view name, std::string_view value) {
  if (name == "content-length") {
    const auto length = parse_content_length(value);
    if (!length) {
      return refuse(Status::protocol_error, "'" + printable(value, 40) + "' is no Content-Length");
    }
    // The same length twice is harmless, and RFC 9110 section 8.6 lets a recipient take it.
    if (content_length_ && *content_length_ != *length) {
      return refuse(Status::protocol_error,
                    "the response declares both " + count_text(*content_length_) + " and " + count_text(*length));
    }
    content_length_ = length;
  } else if (name == "transfer-encoding") {
    if (is_chunked_ || lower_case(value) != "chunked") {
      return refuse(Status::protocol_error,
                    "Transfer-Encoding '" + printable(value, 40) + "' was not asked for; only chunked is read");
    }
    is_chunked_ = true;
  } else if (name == "content-range") {
    if (has_content_range_) return refuse(Status::protocol_error, "the response has two Content-Range headers");
    has_content_range_ = true;
    content_range_ = value.substr(0, 100);
  } else if (name == "content-type") {
    const std::string type = lower_case(value.substr(0, 100));
    is_xml_ = type.find("xml") != std::string::npos;
    is_multipart_ = type.starts_with("multipart/");
  }
  return true;
}

bool Response::end_head() {
  if (http_status_ < 200) {
    state_ = State::status_line;
    if (http_status_ == 101) return refuse(Status::protocol_error, "the origin switched protocols without being asked");
    if (++informational_ > kInformationalMax) {
      return refuse(Status::protocol_error, "more than 10 informational responses came before the response");
    }
    return true;
  }
  state_ = State::body;
  if (is_chunked_ && (content_length_ || is_http_1_0_)) {
    return refuse(Status::protocol_error, content_length_ ? "the response has both Content-Length and Transfer-Encoding"
                                                          : "an HTTP/1.0 response has a Transfer-Encoding");
  }
  if (http_status_ == 304) {
    return rules_.has_validator || refuse(Status::protocol_error, "304 answers a request without If-None-Match");
  }
  if (rules_.head || http_status_ == 204) return true;
  if (http_status_ == 200 || http_status_ == 203 || http_status_ == 206) return check_object();
  if (http_status_ < 300) {
    return refuse(Status::protocol_error,
                  "the origin answers " + std::to_string(http_status_) + ", which has no object");
  }
  // A longer one costs more than the connection that reading it would keep.
  return !content_length_ || *content_length_ <= kDiscardedBytesMax;
}

bool Response::check_object() {
  keeps_body_ = true;
  bytes_declared_ = content_length_;
  if (!(http_status_ == 206 ? check_partial() : check_whole())) return false;
  if (!content_length_ && !is_chunked_ && !rules_.unframed_allowed) {
    return refuse(Status::protocol_error,
                  "the response has neither Content-Length nor chunks, so a cut would go unseen");
  }
  if (bytes_declared_ && *bytes_declared_ > rules_.object_size_max) {
    return refuse(Status::too_large, "the body has " + count_text(*bytes_declared_) + "; object.size_max is " +
                                         count_text(rules_.object_size_max));
  }
  if (bytes_declared_ && !grow(std::min(*bytes_declared_, kReservedBytesMax))) {
    return refuse(Status::no_memory, "no memory for a body of " + count_text(*bytes_declared_));
  }
  return true;
}

bool Response::check_partial() {
  if (!rules_.range) return refuse(Status::protocol_error, "206 answers a request without a range");
  if (is_multipart_) return refuse(Status::protocol_error, "one range was asked for, and several parts came");
  const auto range = parse_content_range(content_range_);
  if (!range) {
    return refuse(Status::protocol_error, has_content_range_
                                              ? "'" + printable(content_range_, 60) + "' is no Content-Range"
                                              : std::string("206 came without a Content-Range"));
  }
  if (!answers(*range, *rules_.range)) {
    return refuse(Status::protocol_error,
                  range_text(*rules_.range) + " was asked for, and '" + printable(content_range_, 60) + "' came");
  }
  if (content_length_ && *content_length_ != range->count()) {
    return refuse(Status::protocol_error, "Content-Range '" + printable(content_range_, 60) + "' and Content-Length " +
                                              std::to_string(*content_length_) + " disagree");
  }
  object_size_ = range->size.value_or(0);
  bytes_declared_ = range->count();
  return true;
}

// Cutting the range out here would mean to download what was not asked for.
bool Response::check_whole() {
  if (!rules_.range || covers_whole(*rules_.range, content_length_)) return true;
  return refuse(Status::protocol_error, "the origin ignored the range and sends the whole object");
}

bool Response::take_body(const void *bytes, std::size_t count) {
  if (failure_ || state_ != State::body) return false;
  bytes_received_ += count;
  return keeps_body_ ? keep(bytes, count) : discard(bytes, count);
}

bool Response::keep(const void *bytes, std::size_t count) {
  if (bytes_received_ > rules_.object_size_max) {
    return refuse(Status::too_large, "the body has more than object.size_max, " + count_text(rules_.object_size_max));
  }
  if (bytes_declared_ && bytes_received_ > *bytes_declared_) {
    return refuse(Status::protocol_error, "more than the declared " + count_text(*bytes_declared_) + " came");
  }
  if (ledger_.would_overrun(count)) {
    return refuse(Status::no_memory, "memory.max, " + count_text(ledger_.bytes_max()) + ", is used up");
  }
  if (!grow(bytes_received_) || !body_.append(bytes, count)) {
    return refuse(Status::no_memory, "no memory for a body of " + count_text(bytes_received_));
  }
  ledger_.charge(count);
  bytes_charged_ += count;
  return true;
}

bool Response::discard(const void *bytes, std::size_t count) {
  if (is_xml_ && http_status_ >= 400 && error_document_.size() < kErrorDocumentBytesMax) {
    const std::size_t room = kErrorDocumentBytesMax - error_document_.size();
    error_document_.append(static_cast<const char *>(bytes), std::min(count, room));
  }
  return bytes_received_ <= kDiscardedBytesMax;
}

// Doubles as Buffer does, but never beyond a declared length, so that a long body leaves no slack behind.
bool Response::grow(std::uint64_t bytes) noexcept {
  if (bytes <= bytes_reserved_) return true;
  if (!bytes_declared_) return true;
  const std::uint64_t wanted = std::min(*bytes_declared_, std::max(bytes, bytes_reserved_ * 2));
  if (!body_.reserve(static_cast<std::size_t>(wanted))) return false;
  bytes_reserved_ = wanted;
  return true;
}

void Response::finish() {
  if (failure_) return;
  if (!has_head()) {
    refuse(Status::protocol_error, "the response ended within its headers");
  } else if (keeps_body_ && bytes_declared_ && bytes_received_ != *bytes_declared_) {
    refuse(Status::truncated, count_text(bytes_received_) + " of " + std::to_string(*bytes_declared_) + " came");
  } else if (is_error_in_disguise()) {
    error_document_ = body_text();
    const std::string code = take_error().code;
    refuse(status_of_s3_error(code), "the origin answers 200 with an error document, " + code);
  }
}

std::optional<std::uint64_t> Response::bytes_left() const noexcept {
  if (!has_head() || !bytes_declared_) return std::nullopt;
  return *bytes_declared_ - std::min(*bytes_declared_, bytes_received_);
}

Buffer Response::take_kept_body() noexcept {
  bytes_charged_ = 0;
  return std::move(body_);
}

S3Error Response::take_error() const {
  S3Error error = parse_s3_error(error_document_).value_or(S3Error());
  if (error.region.empty()) error.region = region_;
  return error;
}

// S3 may find out that it cannot serve an object after it said 200. An object has an entity tag; such an answer has not.
bool Response::is_error_in_disguise() const {
  const bool may_be = rules_.is_s3 && keeps_body_ && is_xml_ && !has_etag_ && body_.size() <= kErrorDocumentBytesMax;
  return may_be && parse_s3_error(body_text()).has_value();
}

std::string_view Response::body_text() const noexcept {
  return {reinterpret_cast<const char *>(body_.data()), body_.size()};
}

// The first refusal stays; what came of the body is of no use to anybody.
bool Response::refuse(Status status, std::string text) {
  drop_body();
  if (!failure_) failure_ = Failure{status, std::move(text)};
  return false;
}

void Response::drop_body() noexcept {
  ledger_.discharge(std::exchange(bytes_charged_, 0));
  body_ = Buffer();
}

}  // namespace octo
