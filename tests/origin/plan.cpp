// Spans: measuring, cutting and making their bytes.
#include "plan.hpp"

#include "pattern.h"

namespace octo::origin {

void Span::append_to(std::string &out, std::uint64_t from, std::uint64_t count) const {
  if (!text.empty()) {
    out.append(text, static_cast<std::size_t>(from), static_cast<std::size_t>(count));
    return;
  }
  const std::size_t start = out.size();
  out.resize(start + static_cast<std::size_t>(count));
  octo_pattern_fill(seed, offset + from, out.data() + start, static_cast<std::size_t>(count));
}

std::uint64_t bytes_of(const Spans &spans) {
  std::uint64_t total = 0;
  for (const Span &span : spans) total += span.bytes();
  return total;
}

Spans split_off(Spans &spans, std::uint64_t count) {
  Spans kept;
  Spans rest;
  for (Span &span : spans) {
    const std::uint64_t size = span.bytes();
    if (count >= size) {
      count -= size;
      kept.push_back(std::move(span));
      continue;
    }
    if (count == 0) {
      rest.push_back(std::move(span));
      continue;
    }
    if (span.text.empty()) {
      kept.push_back(Span::pattern(span.seed, span.offset, count));
      rest.push_back(Span::pattern(span.seed, span.offset + count, size - count));
    } else {
      const auto at = static_cast<std::size_t>(count);
      kept.push_back(Span::literal(span.text.substr(0, at)));
      rest.push_back(Span::literal(span.text.substr(at)));
    }
    count = 0;
  }
  spans = std::move(kept);
  return rest;
}

}  // namespace octo::origin
