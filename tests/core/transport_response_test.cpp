// What a response may be, line by line and byte by byte, without a network.
#include "transport/response.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace octo {
namespace {

class Fed {
 public:
  explicit Fed(ResponseRules rules = {}, std::uint64_t memory_max = 1 << 30)
      : ledger(Ref<Ledger>::adopt(new Ledger(memory_max))), response_rules(rules) {
    if (response_rules.object_size_max == 0) response_rules.object_size_max = 32u << 20;
    response = std::make_unique<Response>(response_rules, *ledger);
  }
  ~Fed() {
    response.reset();
    EXPECT_EQ(ledger->active(), 0u);
  }
  Fed(const Fed &) = delete;
  Fed &operator=(const Fed &) = delete;

  // The head without line ends; false as soon as a line is refused.
  bool head(const std::vector<std::string> &lines) {
    for (const std::string &line : lines) {
      if (!response->take_header(line + "\r\n")) return false;
    }
    return response->take_header("\r\n");
  }
  bool body(const std::string &bytes) { return response->take_body(bytes.data(), bytes.size()); }
  Status end() {
    response->finish();
    if (response->failure() != nullptr) return response->failure()->status;
    if (response->is_settled_by_status()) return Status::end;
    return Status::ok;
  }
  Status failure() const { return response->failure() == nullptr ? Status::ok : response->failure()->status; }

  Ref<Ledger> ledger;
  ResponseRules response_rules;
  std::unique_ptr<Response> response;
};

std::string packed(const std::vector<std::string> &texts) {
  std::string all;
  for (const std::string &text : texts) all += text + '\0';
  return all;
}

ResponseRules with_range(ByteRange::Kind kind, std::uint64_t first, std::uint64_t last) {
  ResponseRules rules;
  rules.range = ByteRange{kind, first, last};
  return rules;
}

TEST(TransportResponse, a_body_of_the_declared_length_is_whole) {
  Fed fed;
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Content-Length: 6", "ETag: \"x\"", "Content-Type: text/plain",
                        "Set-Cookie: no", "X-Amz-Meta-A: b"}));
  EXPECT_EQ(fed.response->bytes_left(), 6u);
  EXPECT_TRUE(fed.body("abc"));
  EXPECT_EQ(fed.ledger->active(), 3u);
  EXPECT_TRUE(fed.body("def"));
  EXPECT_EQ(fed.response->bytes_left(), 0u);
  EXPECT_EQ(fed.end(), Status::ok);
  EXPECT_EQ(fed.response->take_kept_headers(),
            packed({"content-length", "6", "etag", "\"x\"", "content-type", "text/plain", "x-amz-meta-a", "b"}));
  const Buffer body = fed.response->take_kept_body();
  EXPECT_EQ(std::string(reinterpret_cast<const char *>(body.data()), body.size()), "abcdef");
  EXPECT_EQ(fed.ledger->active(), 6u) << "the charge goes with the body";
  fed.ledger->discharge(6);
}

TEST(TransportResponse, a_short_body_is_truncated) {
  Fed fed;
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Content-Length: 6"}));
  EXPECT_TRUE(fed.body("abc"));
  EXPECT_EQ(fed.end(), Status::truncated);
}

TEST(TransportResponse, lengths_that_are_none_are_refused) {
  for (const char *length :
       {"-1", "+1", "", "1a", "0x10", "1 2", "5, 5", "18446744073709551616", "99999999999999999999999"}) {
    Fed fed;
    EXPECT_FALSE(fed.head({"HTTP/1.1 200 OK", std::string("Content-Length: ") + length})) << length;
    EXPECT_EQ(fed.failure(), Status::protocol_error);
  }
}

TEST(TransportResponse, two_lengths_must_agree) {
  Fed same;
  EXPECT_TRUE(same.head({"HTTP/1.1 200 OK", "Content-Length: 3", "content-length:3"}));
  Fed other;
  EXPECT_FALSE(other.head({"HTTP/1.1 200 OK", "Content-Length: 3", "Content-Length: 4"}));
  EXPECT_EQ(other.failure(), Status::protocol_error);
}

TEST(TransportResponse, a_length_beside_chunks_is_refused_also_in_errors) {
  for (const char *status : {"HTTP/1.1 200 OK", "HTTP/1.1 404 No"}) {
    Fed fed;
    EXPECT_FALSE(fed.head({status, "Content-Length: 3", "Transfer-Encoding: chunked"}));
    EXPECT_EQ(fed.failure(), Status::protocol_error);
  }
}

TEST(TransportResponse, transfer_encodings_other_than_chunked_are_refused) {
  for (const char *encoding : {"gzip, chunked", "gzip", "identity", "chunked, chunked", ""}) {
    Fed fed;
    EXPECT_FALSE(fed.head({"HTTP/1.1 200 OK", std::string("Transfer-Encoding: ") + encoding})) << encoding;
  }
  Fed old;
  EXPECT_FALSE(old.head({"HTTP/1.0 200 OK", "Transfer-Encoding: chunked"}));
  Fed fed;
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Transfer-Encoding: Chunked"}));
}

TEST(TransportResponse, a_body_without_an_end_of_its_own_needs_permission) {
  Fed strict;
  EXPECT_FALSE(strict.head({"HTTP/1.1 200 OK"}));
  EXPECT_EQ(strict.failure(), Status::protocol_error);
  ResponseRules rules;
  rules.unframed_allowed = true;
  Fed lax(rules);
  EXPECT_TRUE(lax.head({"HTTP/1.1 200 OK"}));
  EXPECT_TRUE(lax.body("abc"));
  EXPECT_EQ(lax.end(), Status::ok);
  EXPECT_FALSE(lax.response->bytes_left().has_value());
}

TEST(TransportResponse, a_body_above_the_limit_is_refused_at_its_head_or_on_its_way) {
  ResponseRules rules;
  rules.object_size_max = 10;
  Fed declared(rules);
  EXPECT_FALSE(declared.head({"HTTP/1.1 200 OK", "Content-Length: 1099511627776"}));
  EXPECT_EQ(declared.failure(), Status::too_large);
  Fed chunked(rules);
  EXPECT_TRUE(chunked.head({"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"}));
  EXPECT_TRUE(chunked.body("0123456789"));
  EXPECT_FALSE(chunked.body("0"));
  EXPECT_EQ(chunked.failure(), Status::too_large);
  EXPECT_EQ(chunked.ledger->active(), 0u);
}

TEST(TransportResponse, memory_that_is_used_up_ends_the_body) {
  Fed fed({}, 800);
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Content-Length: 2000"}));
  EXPECT_TRUE(fed.body(std::string(900, 'a'))) << "one turn may overshoot by an eighth";
  EXPECT_FALSE(fed.body("a"));
  EXPECT_EQ(fed.failure(), Status::no_memory);
  EXPECT_EQ(fed.ledger->active(), 0u);
}

TEST(TransportResponse, headers_are_bounded_in_bytes_and_lines) {
  Fed bytes;
  EXPECT_FALSE(bytes.head({"HTTP/1.1 200 OK", "X: " + std::string(70000, 'a')}));
  EXPECT_EQ(bytes.failure(), Status::protocol_error);
  Fed lines;
  std::vector<std::string> many = {"HTTP/1.1 200 OK"};
  for (int i = 0; i < 200; ++i) many.push_back("X: y");
  EXPECT_FALSE(lines.head(many));
  EXPECT_EQ(lines.failure(), Status::protocol_error);
  Fed trailers;
  EXPECT_TRUE(trailers.head({"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"}));
  EXPECT_TRUE(trailers.body("abc"));
  EXPECT_TRUE(trailers.response->take_header("Content-Length: 7\r\n"));
  EXPECT_FALSE(trailers.response->take_header(std::string(70000, 'a')));
  EXPECT_EQ(trailers.end(), Status::protocol_error);
}

TEST(TransportResponse, informational_responses_are_skipped_but_not_for_ever) {
  Fed fed;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(fed.head({"HTTP/1.1 103 Early Hints", "Content-Length: 99"}));
  EXPECT_FALSE(fed.response->has_head());
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Content-Length: 0"}));
  EXPECT_EQ(fed.end(), Status::ok);
  Fed flood;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(flood.head({"HTTP/1.1 100 Continue"}));
  EXPECT_FALSE(flood.head({"HTTP/1.1 100 Continue"}));
  Fed upgrade;
  EXPECT_FALSE(upgrade.head({"HTTP/1.1 101 Switching Protocols"}));
}

TEST(TransportResponse, lines_that_are_no_http_are_refused) {
  for (const char *line :
       {"SSH-2.0-OpenSSH", "HTTP/2 200", "HTTP/1.1 20", "HTTP/1.1 999 X", "HTTP/1.1 2000", "ICY 200"}) {
    Fed fed;
    EXPECT_FALSE(fed.head({line})) << line;
  }
  for (const char *line : {"no colon", ": no name", " folded: x", "\tfolded: x", "Name : x"}) {
    Fed fed;
    EXPECT_FALSE(fed.head({"HTTP/1.1 200 OK", line})) << line;
    EXPECT_EQ(fed.failure(), Status::protocol_error);
  }
}

TEST(TransportResponse, a_header_whose_name_is_no_token_is_not_kept) {
  Fed fed;
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Content-Length: 0", "content-\x1b[31m: a",
                        std::string("content-\0a: b", 13), "x-amz-meta-a b: c", "x-amz-meta-\xc3\xa4: d"}));
  EXPECT_EQ(fed.response->take_kept_headers(), packed({"content-length", "0"}));
}

TEST(TransportResponse, kept_headers_are_bounded_and_clean) {
  Fed fed;
  EXPECT_TRUE(fed.head({"HTTP/1.1 200 OK", "Content-Length: 0", "X-Amz-Meta-Large: " + std::string(5000, 'a'),
                        "X-Amz-Meta-Bad: a\x01"
                        "b",
                        "Expires: 0"}));
  EXPECT_EQ(fed.response->take_kept_headers(), packed({"content-length", "0", "expires", "0"}));
}

struct RangeCase {
  ByteRange asked;
  const char *content_range;
  bool is_right;
};

TEST(TransportResponse, a_partial_body_must_be_exactly_what_was_asked_for) {
  using Kind = ByteRange::Kind;
  const RangeCase cases[] = {
      {{Kind::closed, 0, 9}, "bytes 0-9/100", true},     {{Kind::closed, 0, 9}, "bytes 0-9/*", true},
      {{Kind::closed, 0, 9}, "Bytes 0-9/10", true},      {{Kind::closed, 90, 999}, "bytes 90-99/100", true},
      {{Kind::closed, 90, 999}, "bytes 90-99/*", false}, {{Kind::closed, 0, 9}, "bytes 1-10/100", false},
      {{Kind::closed, 0, 19}, "bytes 0-9/100", false},   {{Kind::closed, 0, 9}, "bytes 0-9/5", false},
      {{Kind::closed, 0, 9}, "bytes */100", false},      {{Kind::closed, 0, 9}, "bytes 0-9", false},
      {{Kind::closed, 0, 9}, "0-9/100", false},          {{Kind::closed, 0, 9}, "bytes 0-9/100 ", true},
      {{Kind::closed, 0, 9}, "bytes 0-9/1x", false},     {{Kind::from, 90, 0}, "bytes 90-99/100", true},
      {{Kind::from, 80, 0}, "bytes 80-89/100", false},   {{Kind::from, 90, 0}, "bytes 90-99/*", false},
      {{Kind::suffix, 0, 10}, "bytes 90-99/100", true},  {{Kind::suffix, 0, 10}, "bytes 0-9/10", true},
      {{Kind::suffix, 0, 20}, "bytes 0-9/10", true},     {{Kind::suffix, 0, 20}, "bytes 90-99/100", false},
  };
  for (const RangeCase &one : cases) {
    Fed fed(with_range(one.asked.kind, one.asked.first, one.asked.last));
    const bool accepted =
        fed.head({"HTTP/1.1 206 Partial", "Content-Length: 10", std::string("Content-Range: ") + one.content_range});
    EXPECT_EQ(accepted, one.is_right) << one.content_range;
    if (!accepted) {
      EXPECT_EQ(fed.failure(), Status::protocol_error);
      continue;
    }
    EXPECT_TRUE(fed.body("0123456789"));
    EXPECT_EQ(fed.end(), Status::ok);
    EXPECT_TRUE(fed.response->is_partial());
  }
}

TEST(TransportResponse, a_partial_body_has_the_length_of_its_range) {
  Fed declared(with_range(ByteRange::Kind::closed, 0, 9));
  EXPECT_FALSE(declared.head({"HTTP/1.1 206 P", "Content-Length: 9", "Content-Range: bytes 0-9/100"}));
  Fed longer(with_range(ByteRange::Kind::closed, 0, 9));
  EXPECT_TRUE(longer.head({"HTTP/1.1 206 P", "Transfer-Encoding: chunked", "Content-Range: bytes 0-9/100"}));
  EXPECT_FALSE(longer.body("0123456789A"));
  Fed shorter(with_range(ByteRange::Kind::closed, 0, 9));
  EXPECT_TRUE(shorter.head({"HTTP/1.1 206 P", "Transfer-Encoding: chunked", "Content-Range: bytes 0-9/100"}));
  EXPECT_TRUE(shorter.body("012345678"));
  EXPECT_EQ(shorter.end(), Status::truncated);
}

TEST(TransportResponse, partial_answers_nobody_asked_for_are_refused) {
  Fed unasked;
  EXPECT_FALSE(unasked.head({"HTTP/1.1 206 P", "Content-Length: 9", "Content-Range: bytes 0-8/100"}));
  Fed missing(with_range(ByteRange::Kind::closed, 0, 9));
  EXPECT_FALSE(missing.head({"HTTP/1.1 206 P", "Content-Length: 10"}));
  Fed multipart(with_range(ByteRange::Kind::closed, 0, 9));
  EXPECT_FALSE(
      multipart.head({"HTTP/1.1 206 P", "Content-Length: 100", "Content-Type: multipart/byteranges; boundary=x"}));
  Fed twice(with_range(ByteRange::Kind::closed, 0, 9));
  EXPECT_FALSE(twice.head(
      {"HTTP/1.1 206 P", "Content-Length: 10", "Content-Range: bytes 0-9/100", "Content-Range: bytes 0-9/100"}));
}

TEST(TransportResponse, a_whole_object_answers_a_range_only_when_the_range_is_all_of_it) {
  Fed middle(with_range(ByteRange::Kind::closed, 5, 9));
  EXPECT_FALSE(middle.head({"HTTP/1.1 200 OK", "Content-Length: 100"}));
  EXPECT_EQ(middle.failure(), Status::protocol_error);
  Fed all(with_range(ByteRange::Kind::from, 0, 0));
  EXPECT_TRUE(all.head({"HTTP/1.1 200 OK", "Content-Length: 100"}));
  Fed closed(with_range(ByteRange::Kind::closed, 0, 99));
  EXPECT_TRUE(closed.head({"HTTP/1.1 200 OK", "Content-Length: 100"}));
  Fed shorter(with_range(ByteRange::Kind::closed, 0, 98));
  EXPECT_FALSE(shorter.head({"HTTP/1.1 200 OK", "Content-Length: 100"}));
  Fed suffix(with_range(ByteRange::Kind::suffix, 0, 100));
  EXPECT_TRUE(suffix.head({"HTTP/1.1 200 OK", "Content-Length: 100"}));
  Fed unknown(with_range(ByteRange::Kind::suffix, 0, 100));
  EXPECT_FALSE(unknown.head({"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"}));
}

TEST(TransportResponse, not_modified_needs_a_validator) {
  Fed without;
  EXPECT_FALSE(without.head({"HTTP/1.1 304 Not Modified"}));
  EXPECT_EQ(without.failure(), Status::protocol_error);
  ResponseRules rules;
  rules.has_validator = true;
  Fed with(rules);
  EXPECT_TRUE(with.head({"HTTP/1.1 304 Not Modified", "Content-Length: 1000", "ETag: \"e\""}));
  EXPECT_EQ(with.end(), Status::end);
}

TEST(TransportResponse, error_bodies_are_read_to_a_limit_and_thrown_away) {
  Fed fed;
  EXPECT_TRUE(fed.head({"HTTP/1.1 503 Busy", "Content-Type: text/xml", "Content-Length: 60000"}));
  EXPECT_TRUE(fed.body("<?xml?><Error><Code>SlowDown</Code></Error>"));
  EXPECT_EQ(fed.ledger->active(), 0u);
  EXPECT_TRUE(fed.response->is_settled_by_status());
  EXPECT_EQ(fed.response->take_error().code, "SlowDown");
  EXPECT_TRUE(fed.body(std::string(60000, 'a')));
  EXPECT_FALSE(fed.body(std::string(6000, 'a')));
  EXPECT_TRUE(fed.response->is_settled_by_status());
  Fed declared;
  EXPECT_FALSE(declared.head({"HTTP/1.1 404 No", "Content-Length: 70000"}));
  EXPECT_TRUE(declared.response->is_settled_by_status());
}

TEST(TransportResponse, an_error_code_is_found_only_in_xml_and_within_bounds) {
  const auto code = [](const char *type, const std::string &document) {
    Fed fed;
    EXPECT_TRUE(fed.head({"HTTP/1.1 403 No", std::string("Content-Type: ") + type, "Content-Length: 60000"}));
    EXPECT_TRUE(fed.body(document));
    return fed.response->take_error().code;
  };
  EXPECT_EQ(code("application/xml", "<Error><Code>A</Code></Error>"), "A");
  EXPECT_EQ(code("text/html", "<Error><Code>A</Code></Error>"), "");
  EXPECT_EQ(code("application/xml", "<Error><Code>A"), "");
  EXPECT_EQ(code("application/xml", "<Error></Code><Code>"), "");
  EXPECT_EQ(code("application/xml", std::string(5000, ' ') + "<Error><Code>A</Code></Error>"), "");
  EXPECT_EQ(code("application/xml", "<Error><Code>\x1b[1m</Code></Error>"), "\\x1b[1m");
}

TEST(TransportResponse, an_empty_success_is_ok_and_a_success_without_an_object_is_not) {
  Fed empty;
  EXPECT_TRUE(empty.head({"HTTP/1.1 204 No Content"}));
  EXPECT_EQ(empty.end(), Status::end);
  Fed accepted;
  EXPECT_FALSE(accepted.head({"HTTP/1.1 202 Accepted", "Content-Length: 1"}));
  ResponseRules rules;
  rules.head = true;
  Fed head(rules);
  EXPECT_TRUE(head.head({"HTTP/1.1 200 OK", "Content-Length: 1000"}));
  EXPECT_EQ(head.end(), Status::end);
}

TEST(TransportResponse, a_response_that_ends_in_its_head_is_refused) {
  Fed fed;
  EXPECT_TRUE(fed.response->take_header("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(fed.end(), Status::protocol_error);
}

}  // namespace
}  // namespace octo
