// A response of any bytes, through the code that decides what it means, as the transport feeds it.
//
// An input is a line of words (r0-99: the range asked for; v: with a validator; h: HEAD; u: unframed allowed; s: of s3;
// m100: object.size_max; p7: the body comes in pieces of at most 7 bytes; t: what follows an empty line in the body are
// trailers) and then what comes from the origin.
#include <cstring>
#include <string>
#include <vector>

#include "base/ledger.hpp"
#include "handed_out.hpp"
#include "range_text.hpp"
#include "require.hpp"
#include "target.hpp"
#include "transport/response.hpp"

namespace octo::fuzz {
namespace {

struct Setup {
  ResponseRules rules;
  std::size_t piece_bytes = 0;  // 0: the body in one piece
  bool has_trailers = false;
};

Setup read_setup(std::string_view line) {
  Setup setup;
  setup.rules.object_size_max = 1u << 16;
  Input words(line);
  while (!words.is_empty()) {
    const std::string_view word = words.word();
    const std::string_view value = word.substr(std::min<std::size_t>(1, word.size()));
    switch (word.empty() ? ' ' : word.front()) {
      case 'r': setup.rules.range = read_range(value); break;
      case 'v': setup.rules.has_validator = true; break;
      case 'h': setup.rules.head = true; break;
      case 'u': setup.rules.unframed_allowed = true; break;
      case 's': setup.rules.is_s3 = true; break;
      case 'm': setup.rules.object_size_max = std::min<std::uint64_t>(number(value), 1u << 20); break;
      case 'p': setup.piece_bytes = number(value) % 4096; break;
      case 't': setup.has_trailers = true; break;
      default: break;
    }
  }
  return setup;
}

// A line with its end, as libcurl hands over; what has no end is not handed over.
std::string_view next_line(std::string_view &wire) noexcept {
  const std::size_t end = wire.find('\n');
  const std::string_view line = end == std::string_view::npos ? std::string_view() : wire.substr(0, end + 1);
  wire.remove_prefix(line.size());
  return line;
}

bool feed_body(Response &response, std::string_view body, std::size_t piece_bytes) {
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, piece_bytes == 0 ? body.size() : piece_bytes);
    // Of its own size on the heap, so that reading past it shows.
    const std::vector<char> bytes(piece.begin(), piece.end());
    if (!response.take_body(bytes.data(), bytes.size())) return false;
    body.remove_prefix(piece.size());
  }
  return true;
}

bool feed_lines(Response &response, std::string_view &wire, bool (*goes_on)(const Response &)) {
  while (goes_on(response)) {
    const std::string_view line = next_line(wire);
    if (line.empty()) return false;
    const std::vector<char> bytes(line.begin(), line.end());
    if (!response.take_header({bytes.data(), bytes.size()})) return false;
  }
  return true;
}

// False when the response was given up before its end, so that it is not finished either.
bool feed(Response &response, std::string_view wire, const Setup &setup, std::size_t piece_bytes) {
  if (!feed_lines(response, wire, [](const Response &head) { return !head.has_head(); })) return wire.empty();
  const std::size_t gap = setup.has_trailers ? wire.find("\n\n") : std::string_view::npos;
  if (!feed_body(response, wire.substr(0, gap), piece_bytes)) return false;
  if (gap == std::string_view::npos) return true;
  wire.remove_prefix(gap + 2);
  return feed_lines(response, wire, [](const Response &) { return true; }) || wire.empty();
}

void check_range(const Response &response, const ByteRange &asked, std::uint64_t body_bytes) {
  const std::uint64_t size = response.object_size();
  if (size == 0) {
    const bool fits = asked.kind == ByteRange::Kind::closed && asked.last - asked.first == body_bytes - 1;
    require(fits, "a range of unknown size has as many bytes as were asked for");
    return;
  }
  const Span span = meaning_of(asked, size);
  require(span.end - span.begin == Wide{body_bytes}, "the bytes are as many as the range means");
}

// How a response ended, for comparing it with another.
struct Verdict {
  bool is_failed = false;
  Status status = Status::ok;
  std::string text;
  std::uint32_t http_status = 0;
  std::string body;

  bool operator==(const Verdict &) const = default;
};

Verdict check_end(Response &response, const Setup &setup, Ledger &ledger) {
  Verdict verdict;
  verdict.http_status = response.http_status();
  require(verdict.http_status == 0 || (verdict.http_status >= 100 && verdict.http_status < 600), "a status is one");
  require_escaped(response.date(), 64);
  const S3Error error = response.take_error();
  for (const std::string *text : {&error.code, &error.request_id, &error.host_id, &error.region}) {
    require_escaped(*text, kS3ErrorTokenBytesMax);
  }
  require_escaped(error.message, kS3ErrorMessageBytesMax);
  const Failure *failure = response.failure();
  if (failure != nullptr) {
    require(ledger.active() == 0, "a response that is not believed holds no bytes");
    require_sentence(failure->text, 400);
    return {true, failure->status, failure->text, verdict.http_status, {}};
  }
  require(ledger.active() <= setup.rules.object_size_max, "a body is bounded");
  const std::uint64_t charged = ledger.active();
  const Buffer body = response.take_kept_body();
  require(body.size() == charged, "what is charged is what is held");
  ledger.discharge(charged);
  if (!response.is_settled_by_status()) {
    require(body.size() == response.bytes_received(), "a body is whole");
    if (response.is_partial()) check_range(response, *setup.rules.range, body.size());
    verdict.body.assign(reinterpret_cast<const char *>(body.data()), body.size());
  }
  return verdict;
}

Verdict run(std::string_view wire, const Setup &setup, std::size_t piece_bytes) {
  const auto ledger = Ref<Ledger>::adopt(new Ledger(1u << 30));
  Verdict verdict;
  {
    Response response(setup.rules, *ledger);
    const bool is_whole = feed(response, wire, setup, piece_bytes);
    if (is_whole) response.finish();
    if (is_whole || response.failure() != nullptr) verdict = check_end(response, setup, *ledger);
    require_kept_headers(response.take_kept_headers());
    require_escaped(response.take_request_id(), 256);
    require_escaped(response.take_extended_request_id(), 256);
  }
  require(ledger->active() == 0, "nothing stays charged");
  return verdict;
}

}  // namespace

void try_input(Input &input) {
  const Setup setup = read_setup(input.line());
  const auto verdict = run(input.rest(), setup, setup.piece_bytes);
  if (setup.piece_bytes == 0) return;
  const bool is_same = run(input.rest(), setup, 0) == verdict;
  require(is_same, "how a body is cut into pieces changes nothing", verdict.text);
}

}  // namespace octo::fuzz
