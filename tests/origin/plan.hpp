// What a connection does to answer one request, as a list of steps: write this as one segment, wait, stall, reset. The reply plan
// decides, the connection only executes; nothing here knows sockets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "counters.hpp"
#include "timers.hpp"

namespace octo::origin {

// The largest TLS record, and the most one write hands to the kernel.
constexpr std::size_t kPieceBytes = 16384;

// Some bytes: literal, or a part of a pattern object, made only when they are written.
struct Span {
  static Span literal(std::string text) { return {std::move(text), 0, 0, 0}; }
  static Span pattern(std::uint64_t seed, std::uint64_t offset, std::uint64_t size) {
    return {std::string(), seed, offset, size};
  }

  std::uint64_t bytes() const { return text.empty() ? size : text.size(); }

  // Appends the bytes [from, from + count) to `out`.
  void append_to(std::string &out, std::uint64_t from, std::uint64_t count) const;

  std::string text;
  std::uint64_t seed = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

using Spans = std::vector<Span>;

std::uint64_t bytes_of(const Spans &spans);

// Cuts everything after the first `count` bytes away and returns it.
Spans split_off(Spans &spans, std::uint64_t count);

// Writes the spans in pieces, each piece one send and one TLS record. Without a pause, pieces follow as fast as they are taken.
struct Write {
  Spans spans;
  std::size_t piece_bytes = kPieceBytes;
  Duration every{};
};

// Writes the same unit again and again, as many per piece as fit; 0 times: without end.
struct Repeat {
  std::string unit;
  std::uint64_t times = 0;
  Duration every{};
};

struct Wait {
  Duration span{};
};

// Nothing more until the client gives up.
struct Stall {};

// How the connection, or our half of it, ends.
enum class Ending { kReset, kClose, kCloseAfterNotify, kHalfClose, kCloseNotify };
struct End {
  Ending ending = Ending::kClose;
};

struct Count {
  CounterId counter = 0;
};

// The reply is complete. The next request may be answered; steps that follow run while the connection is idle and are dropped when
// a request arrives.
struct Ready {};

// Sent as soon as the next request begins to arrive, before it is answered.
struct BeforeNext {
  std::string payload;
  CounterId counter = 0;
};

struct KeyUpdate {};
struct Tickets {
  std::uint64_t count = 0;
};

using Step = std::variant<Write, Repeat, Wait, Stall, End, Count, Ready, BeforeNext, KeyUpdate, Tickets>;
using Plan = std::vector<Step>;

}  // namespace octo::origin
