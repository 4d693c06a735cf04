// Content-Range and Content-Length of any text, against the range that was asked for: what is accepted is what
// arithmetic says, and nothing else is.
//
// An input is three lines: the range asked for ("0-99", "100-", "-20"), a Content-Range, a Content-Length.
#include "transport/content_range.hpp"

#include <string>

#include "base/ledger.hpp"
#include "range_text.hpp"
#include "require.hpp"
#include "target.hpp"
#include "transport/response.hpp"

namespace octo::fuzz {
namespace {

// Digits alone, by hand; false for a number beyond 64 bits.
bool read_digits(std::string_view text, Wide &out) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  out = 0;
  for (const char digit : text) {
    out = out * 10 + static_cast<unsigned>(digit - '0');
    if (out > Wide{UINT64_MAX}) return false;
  }
  return true;
}

// The Content-Range by the grammar of RFC 9110 section 14.4, within 63 bits; a size of 0 stands for '*'.
bool read_content_range(std::string_view text, Span &span, Wide &size) {
  constexpr Wide kMax = Wide{INT64_MAX};
  std::string unit(text.substr(0, 6));
  for (char &byte : unit) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + 32);
  }
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (unit != "bytes " || dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
    return false;
  }
  Wide last = 0;
  if (!read_digits(text.substr(6, dash - 6), span.begin)) return false;
  if (!read_digits(text.substr(dash + 1, slash - dash - 1), last)) return false;
  span.end = last + 1;
  size = 0;
  if (last < span.begin || last > kMax) return false;
  if (text.substr(slash + 1) == "*") return true;
  return read_digits(text.substr(slash + 1), size) && size <= kMax && span.end <= size;
}

bool model_answers(const Span &got, Wide size, const ByteRange &asked) {
  if (size != 0) return got == meaning_of(asked, static_cast<std::uint64_t>(size));
  // Of an object of unknown size only a closed range says where it ends.
  return asked.kind == ByteRange::Kind::closed && got == Span{asked.first, Wide{asked.last} + 1};
}

void check_range(std::string_view text, const ByteRange &asked) {
  Span span;
  Wide size = 0;
  const auto got = parse_content_range(text);
  const bool is_valid = read_content_range(text, span, size);
  require(got.has_value() == is_valid, "a Content-Range is taken exactly when it is one", text);
  if (!got) return;
  require(got->first == span.begin && Wide{got->last} + 1 == span.end, "its numbers are those of its text", text);
  require(got->size.value_or(0) == size, "its size is that of its text", text);
  require(Wide{got->count()} == span.end - span.begin, "its count is that of its bytes", text);
  require(answers(*got, asked) == model_answers(span, size, asked), "it answers exactly what it means", text);
}

void check_length(std::string_view text, const ByteRange &asked) {
  Wide length = 0;
  const bool is_valid = read_digits(text, length);
  const auto got = parse_content_length(text);
  require(got.has_value() == is_valid, "a Content-Length is taken exactly when it is one", text);
  if (got) require(*got == length, "its number is that of its text", text);
  if (!got) {
    // Unknown: only a range that begins at 0 and has no end is all of it.
    const bool is_all = asked.kind == ByteRange::Kind::from && asked.first == 0;
    require(covers_whole(asked, got) == is_all, "a body of unknown length is no closed range");
    return;
  }
  const Span meaning = meaning_of(asked, *got);
  const bool is_all = meaning.begin == 0 && meaning.end == Wide{*got};
  require(covers_whole(asked, got) == is_all, "all is asked for exactly when the range means all", text);
}

// The same texts as headers of a 206.
void check_response(std::string_view range, std::string_view length, const ByteRange &asked) {
  ResponseRules rules;
  rules.range = asked;
  rules.object_size_max = UINT64_MAX;
  const auto ledger = Ref<Ledger>::adopt(new Ledger(1u << 20));
  Response response(rules, *ledger);
  const auto take = [&](const std::string &line) { return response.take_header(line + "\r\n"); };
  const bool is_taken = take("HTTP/1.1 206 Partial Content") && take("Content-Range: " + std::string(range)) &&
                        (length.empty() || take("Content-Length: " + std::string(length))) && take("");
  if (!is_taken) return;
  const std::uint64_t declared = response.bytes_declared().value_or(0);
  const Wide size = response.object_size();
  const Span meaning = size != 0 ? meaning_of(asked, response.object_size()) : Span{asked.first, Wide{asked.last} + 1};
  require(meaning.end - meaning.begin == Wide{declared}, "a 206 is taken with the bytes that the range means", range);
}

}  // namespace

void try_input(Input &input) {
  const auto asked = read_range(input.line());
  if (!asked) return;
  const std::string_view range = input.line();
  const std::string_view length = input.line();
  check_range(range, *asked);
  check_length(length, *asked);
  check_response(range, length, *asked);
}

}  // namespace octo::fuzz
