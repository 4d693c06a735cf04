// Conditional requests (RFC 9110, section 13) and single byte ranges (section 14), and the ways to get ranges wrong.
#include "response.hpp"

#include <cstdio>
#include <optional>

#include "pattern.h"

namespace octo::origin {

namespace {

struct Range {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

enum class RangeState { kNone, kGood, kUnsatisfiable };

std::string_view without_weak_mark(std::string_view tag) { return tag.substr(0, 2) == "W/" ? tag.substr(2) : tag; }

// Whether a list of entity tags holds this one; `*` holds every one.
bool has_tag(std::string_view list, std::string_view tag, bool is_weak_good) {
  if (list == "*") return true;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    const bool is_weak = item.substr(0, 2) == "W/" || tag.substr(0, 2) == "W/";
    if (is_weak ? is_weak_good && without_weak_mark(item) == without_weak_mark(tag) : item == tag) return true;
  }
  return false;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

// Several ranges, other units and malformed ranges are ignored, as the standard allows.
RangeState read_range(std::string_view text, std::uint64_t size, Range &range) {
  if (text.substr(0, 6) != "bytes=") return RangeState::kNone;
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return RangeState::kNone;
  const auto first = number_in(text.substr(0, dash));
  const auto last = number_in(text.substr(dash + 1));
  const bool has_first = dash != 0;
  const bool has_last = dash + 1 != text.size();
  if ((has_first && !first) || (has_last && !last) || (!has_first && !has_last)) return RangeState::kNone;
  if (!has_first) {
    range.count = std::min(*last, size);
    range.first = size - range.count;
    return range.count == 0 ? RangeState::kUnsatisfiable : RangeState::kGood;
  }
  if (has_last && *last < *first) return RangeState::kNone;
  if (*first >= size) return RangeState::kUnsatisfiable;
  range.first = *first;
  range.count = (has_last ? std::min(*last, size - 1) : size - 1) - *first + 1;
  return RangeState::kGood;
}

std::string content_range(const Range &range, std::uint64_t size, std::uint64_t shift) {
  return "bytes " + std::to_string(range.first + shift) + "-" + std::to_string(range.first + shift + range.count - 1) +
         "/" + std::to_string(size);
}

Spans body_part(const Reply &reply, std::uint64_t seed, const Range &range) {
  if (range.count == 0) return {};
  if (!reply.text) return {Span::pattern(seed, range.first, range.count)};
  return {
      Span::literal(reply.text->substr(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.count)))};
}

void make_partial(const Reply &reply, std::uint64_t seed, Range range, const Fault *fault, Response &response) {
  response.used_range_fault = fault != nullptr;
  response.status = 206;
  response.reason = "Partial Content";
  std::uint64_t shift = 0;
  if (fault != nullptr && fault->type == FaultType::kRangeWrong) shift = fault->by;
  if (fault != nullptr && fault->type == FaultType::kRangeShort) {
    range.count -= std::min(fault->by, range.count - 1);
  }
  response.content_range = content_range(range, reply.size, shift);
  response.body = body_part(reply, seed, range);
  if (fault != nullptr && fault->type == FaultType::kRangeMissing) response.content_range.clear();
  if (fault != nullptr && fault->type == FaultType::kMultipartRanges) {
    const std::string boundary = "octo-origin-boundary";
    response.body.insert(response.body.begin(),
                         Span::literal("--" + boundary + "\r\nContent-Range: " + response.content_range + "\r\n\r\n"));
    response.body.push_back(Span::literal("\r\n--" + boundary + "--\r\n"));
    response.content_type = "multipart/byteranges; boundary=" + boundary;
    response.content_range.clear();
  }
}

std::string made_etag(std::uint64_t seed, std::uint64_t size) {
  char text[64];
  std::snprintf(text, sizeof text, "\"%016llx-%llu\"", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(size));
  return text;
}

// Makes it 304 or 412 when the request's conditions say so.
bool apply_conditions(const RequestHead &head, Response &response) {
  const std::string_view *match = head.header("if-match");
  if (match != nullptr && !response.etag.empty() && !has_tag(*match, response.etag, false)) {
    response.status = 412;
    response.reason = "Precondition Failed";
    return true;
  }
  const std::string_view *none_match = head.header("if-none-match");
  if (none_match == nullptr || response.etag.empty() || !has_tag(*none_match, response.etag, true)) return false;
  response.status = 304;
  response.reason = "Not Modified";
  response.may_have_body = false;
  return true;
}

}  // namespace

Response respond(const Reply &reply, const RequestHead &head, std::string_view name, const Fault *range_fault) {
  const std::uint64_t seed = octo_pattern_seed(name.data(), name.size());
  Response response;
  response.status = reply.status;
  response.reason = reply.reason;
  response.may_have_body = reply.status != 204 && reply.status != 304;
  if (reply.etag) response.etag = reply.etag->empty() ? made_etag(seed, reply.size) : *reply.etag;
  const Range whole{0, reply.size};
  if (reply.status != 200) {
    if (response.may_have_body) response.body = body_part(reply, seed, whole);
    return response;
  }
  if (apply_conditions(head, response)) return response;

  Range range;
  const std::string_view *range_text = head.header("range");
  const std::string_view *if_range = head.header("if-range");
  const bool is_same_version = if_range == nullptr || *if_range == response.etag;
  const RangeState state =
      range_text != nullptr && is_same_version ? read_range(*range_text, reply.size, range) : RangeState::kNone;
  const bool is_ignored = range_fault != nullptr && range_fault->type == FaultType::kRangeIgnored;
  if (state == RangeState::kNone || is_ignored) {
    response.used_range_fault = state != RangeState::kNone;
    response.body = body_part(reply, seed, whole);
  } else if (state == RangeState::kUnsatisfiable) {
    response.status = 416;
    response.reason = "Range Not Satisfiable";
    response.content_range = "bytes */" + std::to_string(reply.size);
  } else {
    make_partial(reply, seed, range, range_fault, response);
  }
  return response;
}

}  // namespace octo::origin
