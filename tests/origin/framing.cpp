// Content-Length, chunked coding and their faults.
#include "framing.hpp"

#include <algorithm>
#include <cstdio>

namespace octo::origin {

namespace {

using Type = FaultType;

// A body of more chunks gets larger ones: a plan holds every chunk's marks.
constexpr std::uint64_t kChunksMax = 1024;

std::string chunk_size_line(std::uint64_t size) {
  char line[32];
  std::snprintf(line, sizeof line, "%llx\r\n", static_cast<unsigned long long>(size));
  return line;
}

void append(Spans &to, Spans from) {
  for (Span &span : from) to.push_back(std::move(span));
}

// The content in chunks without the last, empty one. `cut` is how much content the stream shall hold: what follows is missing,
// also in the middle of a chunk.
Spans in_chunks(Spans content, std::uint64_t chunk_bytes, std::uint64_t cut) {
  const std::uint64_t total = bytes_of(content);
  chunk_bytes = std::max({chunk_bytes, (total + kChunksMax - 1) / kChunksMax, std::uint64_t{1}});
  Spans out;
  std::uint64_t done = 0;
  while (done < total && done < cut) {
    const std::uint64_t size = std::min(chunk_bytes, total - done);
    out.push_back(Span::literal(chunk_size_line(size)));
    Spans rest = split_off(content, size);
    if (done + size > cut) {
      split_off(content, cut - done);
      append(out, std::move(content));
      return out;
    }
    append(out, std::move(content));
    out.push_back(Span::literal("\r\n"));
    content = std::move(rest);
    done += size;
  }
  return out;
}

std::string length_line(const std::string &value) { return "Content-Length: " + value + "\r\n"; }

// 2^64 + size, so that a parser that wraps reads exactly the true size.
std::string overflowing(std::uint64_t size) {
  constexpr std::uint64_t kLowDigits = 3'709'551'616;  // 2^64 = 18446744073709551616
  constexpr std::uint64_t kSizeMax = 6'000'000'000;
  return "1844674407" + std::to_string(kLowDigits + std::min(size, kSizeMax));
}

std::string length_lines(const Fault *fault, std::uint64_t size) {
  const std::string right = std::to_string(size);
  if (fault == nullptr) return length_line(right);
  switch (fault->type) {
    case Type::kLengthShort: return length_line(std::to_string(size - std::min(fault->by, size)));
    case Type::kLengthLong: return length_line(std::to_string(size + fault->by));
    case Type::kLengthDuplicate: return length_line(right) + length_line(right);
    case Type::kLengthConflict: return length_line(right) + length_line(std::to_string(size + fault->by));
    case Type::kLengthNegative: return length_line("-" + right);
    case Type::kLengthOverflow: return length_line(overflowing(size));
    case Type::kLengthHuge: return length_line(std::to_string(fault->bytes));
    default: return length_line(right);
  }
}

bool is_length_fault(const Fault *fault) {
  if (fault == nullptr) return false;
  switch (fault->type) {
    case Type::kLengthShort:
    case Type::kLengthLong:
    case Type::kLengthDuplicate:
    case Type::kLengthConflict:
    case Type::kLengthNegative:
    case Type::kLengthOverflow:
    case Type::kLengthHuge: return true;
    default: return false;
  }
}

void frame_by_length(const Fault *fault, Spans content, Framed &framed) {
  const std::uint64_t size = bytes_of(content);
  framed.header_lines = length_lines(fault, size);
  if (fault != nullptr && fault->type == Type::kLengthShort && fault->is_split) {
    framed.excess = split_off(content, size - std::min(fault->by, size));
    framed.excess_gap_ms = fault->gap_ms;
  }
  if (fault != nullptr && fault->type == Type::kLengthLong) framed.after = After::kClose;
  if (fault != nullptr && fault->type == Type::kLengthHuge) framed.after = After::kStall;
  framed.body = std::move(content);
}

void frame_in_chunks(const Reply &reply, const Fault *fault, const Fault *cut, Spans content, Framed &framed) {
  const std::uint64_t size = bytes_of(content);
  framed.header_lines = "Transfer-Encoding: chunked\r\n";
  if (fault != nullptr && fault->type == Type::kLengthAndChunked) {
    framed.header_lines = length_line(std::to_string(size + fault->by)) + framed.header_lines;
  }
  if (fault != nullptr && fault->type == Type::kChunkBadSize) {
    Spans rest = split_off(content, std::min(size, fault->after_bytes.value_or(size / 2)));
    framed.body = in_chunks(std::move(content), reply.chunk_bytes, UINT64_MAX);
    framed.body.push_back(Span::literal(fault->payload));
    append(framed.body, std::move(rest));
    framed.body.push_back(Span::literal("\r\n0\r\n\r\n"));
    return;
  }
  const std::uint64_t kept = cut == nullptr ? UINT64_MAX : cut->after_bytes.value_or(size / 2);
  framed.body = in_chunks(std::move(content), reply.chunk_bytes, kept);
  if (kept <= size) return;
  if (fault != nullptr && fault->type == Type::kChunkTruncated) {
    framed.after = After::kClose;
  } else if (fault != nullptr && fault->type == Type::kChunkEndless) {
    framed.endless_unit =
        chunk_size_line(fault->bytes) + std::string(static_cast<std::size_t>(fault->bytes), 'e') + "\r\n";
    framed.endless_every_ms = fault->every_ms;
  } else if (fault != nullptr && fault->type == Type::kChunkJunkTrailer) {
    framed.body.push_back(Span::literal("0\r\n" + fault->payload + "\r\n"));
  } else {
    framed.body.push_back(Span::literal("0\r\n\r\n"));
  }
}

}  // namespace

Framed frame_body(const Reply &reply, const Fault *fault, const Fault *cut, Response response) {
  Framed framed;
  Spans content = std::move(response.body);
  framed.response = std::move(response);
  framed.has_close_notify = fault != nullptr && fault->has_close_notify;
  if (!framed.response.may_have_body) return framed;
  const bool is_endless = fault != nullptr && fault->type == Type::kBodyEndless;
  const bool is_chunk_fault = fault != nullptr && !is_endless && !is_length_fault(fault);
  if (is_endless) {
    framed.endless_unit.assign(static_cast<std::size_t>(fault->bytes), 'e');
    framed.endless_every_ms = fault->every_ms;
    framed.body = std::move(content);
  } else if (is_chunk_fault || (reply.framing == Framing::kChunked && !is_length_fault(fault))) {
    frame_in_chunks(reply, fault, cut, std::move(content), framed);
    return framed;
  } else if (reply.framing == Framing::kLength || is_length_fault(fault)) {
    frame_by_length(fault, std::move(content), framed);
  } else {
    framed.body = std::move(content);
  }
  if (cut != nullptr && !is_endless) {
    split_off(framed.body, cut->after_bytes.value_or(bytes_of(framed.body) / 2));
  }
  return framed;
}

void drop_body(Framed &framed) {
  framed.body.clear();
  framed.endless_unit.clear();
  framed.excess.clear();
  framed.after = After::kReady;
}

void flip_byte(Spans &body, std::uint64_t at) {
  Spans rest = split_off(body, at);
  if (bytes_of(rest) == 0) return;
  Spans tail = split_off(rest, 1);
  std::string byte;
  for (const Span &span : rest) span.append_to(byte, 0, span.bytes());
  byte[0] = static_cast<char>(byte[0] ^ 1);
  body.push_back(Span::literal(byte));
  append(body, std::move(tail));
}

}  // namespace octo::origin
