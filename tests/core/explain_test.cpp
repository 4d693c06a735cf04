// What a frozen batch reads as: the view of each request, the summary, and the line, document and picture made of them.
#include "batch/explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/printable.hpp"
#include "batch/view.hpp"
#include "fake_clock.hpp"

namespace octo {
namespace {

using Json = nlohmann::json;

// A batch and what happens to it; every span counts from its submit.
class Story {
 public:
  explicit Story(std::vector<std::string> keys, Duration budget = 300ms) : submitted_at_(clock_.now()) {
    BatchSpec spec;
    spec.submitted_at = submitted_at_;
    spec.deadline = submitted_at_ + budget;
    spec.requests.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) spec.requests[i].key = std::move(keys[i]);
    spec.ledger = ledger_;
    spec.addresses = addresses_;
    batch_ = Ref<Batch>::adopt(new Batch(std::move(spec), clock_));
  }

  static std::vector<std::string> keys(std::size_t count) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back("key-" + std::to_string(i));
    return keys;
  }

  void settle(std::uint32_t index, Status status, Duration at = 1ms) {
    Outcome outcome;
    outcome.status = status;
    settle_as(index, std::move(outcome), at);
  }
  void settle_as(std::uint32_t index, Outcome outcome, Duration at) {
    clock_.set(submitted_at_ + at);
    ASSERT_TRUE(batch_->settle(index, std::move(outcome)));
  }
  void settle_range(std::uint32_t first, std::uint32_t end, Status status) {
    for (std::uint32_t i = first; i < end; ++i) settle(i, status);
  }
  void note(std::uint32_t index, Phase phase, std::string_view address = "", Duration since = 0ms) {
    const std::uint32_t id = address.empty() ? 0 : addresses_->id_of(address);
    batch_->note_progress(index, {phase, 1, id, count_us(since)});
  }
  void freeze(Cause cause, Duration at) {
    clock_.set(submitted_at_ + at);
    if (cause != Cause::deadline) batch_->freeze(cause);
    ASSERT_EQ(batch_->touch(), cause);
  }
  Ref<Body> body(std::string_view text) {
    Buffer bytes;
    EXPECT_TRUE(bytes.append(text.data(), text.size()));
    ledger_->charge(text.size());
    return Ref<Body>::adopt(new Body(std::move(bytes), ledger_));
  }

  Batch &batch() { return *batch_; }
  FakeClock &clock() { return clock_; }

 private:
  FakeClock clock_;
  const Instant submitted_at_;
  const Ref<Ledger> ledger_ = Ref<Ledger>::adopt(new Ledger(1 << 20));
  const Ref<AddressBook> addresses_ = Ref<AddressBook>::adopt(new AddressBook);
  Ref<Batch> batch_;
};

// Balanced tags, quoted attributes free of markup, known entities, characters that XML 1.0 allows: all there is in our
// own drawings.
bool is_well_formed(std::string_view xml) {
  std::vector<std::string> open;
  if (!is_utf8(xml) || xml.find("\xef\xbf\xbe") != xml.npos || xml.find("\xef\xbf\xbf") != xml.npos) return false;
  if (std::any_of(xml.begin(), xml.end(), [](char c) { return c >= 0 && c < 0x20 && c != '\n'; })) return false;
  for (std::size_t at = xml.find('&'); at != xml.npos; at = xml.find('&', at + 1)) {
    const std::string_view rest = xml.substr(at);
    if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;")) return false;
  }
  while (!xml.empty()) {
    const std::size_t begin = xml.find('<');
    if (xml.substr(0, begin).find('>') != xml.npos) return false;
    if (begin == xml.npos) break;
    const std::size_t end = xml.find('>', begin);
    if (end == xml.npos) return false;
    const std::string_view tag = xml.substr(begin + 1, end - begin - 1);
    if (tag.find('<') != tag.npos || std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
    xml.remove_prefix(end + 1);
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty();
}

std::size_t count_of(std::string_view needle, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(needle); at != text.npos; at = text.find(needle, at + 1)) ++count;
  return count;
}

bool holds(std::string_view text, std::string_view needle) { return text.find(needle) != text.npos; }

std::vector<std::string> hostile_keys() {
  std::vector<std::string> keys = {
      "</title><script>alert(1)</script>&]]>", "\"quoted\\",     {"nul\0nul", 7}, "\xff\xfe", "\xc3",
      "line\nend\x1b[31m\xef\xbf\xbf",         "\xe2\x80\xaegpj"};
  std::mt19937 random(7);
  for (int i = 0; i < 150; ++i) {
    std::string key(1 + random() % 60, '\0');
    for (char &byte : key) byte = static_cast<char>(random());
    keys.push_back(key);
  }
  return keys;
}

TEST(RequestView, unsettled_request_tells_phase_address_attempts_and_the_time_in_its_last_phase) {
  Story story({"a", "b"});
  story.note(1, Phase::waiting, "127.0.0.1:80", 88ms);
  story.freeze(Cause::deadline, 2s);
  const RequestView view = view_request(story.batch(), 1);
  EXPECT_EQ(view.key, "b");
  EXPECT_EQ(view.status, Status::deadline);
  EXPECT_FALSE(view.settled);
  EXPECT_EQ(view.phase, Phase::waiting);
  EXPECT_EQ(view.attempts, 1u);
  EXPECT_STREQ(view.address, "127.0.0.1:80");
  EXPECT_STREQ(view.message, "the deadline came while waiting for the first byte of the response");
  EXPECT_EQ(view.settled_us, 300'000u);
  EXPECT_EQ(view.since_us, 88'000u);
  EXPECT_EQ(view.phase_us, (std::array<std::uint64_t, kPhaseCount>{0, 0, 0, 0, 212'000, 0}));
  EXPECT_EQ(view.body, nullptr);
}

TEST(RequestView, a_phase_noted_while_the_batch_is_cancelled_starts_no_later_than_the_freeze) {
  Story story({"a"});
  story.note(0, Phase::receiving, "127.0.0.1:80", 120ms);
  story.freeze(Cause::cancelled, 100ms);
  const RequestView view = view_request(story.batch(), 0);
  EXPECT_EQ(view.since_us, 100'000u);
  EXPECT_EQ(view.phase_us[5], 0u);
}

TEST(RequestView, every_cause_and_phase_has_a_constant_sentence_of_its_own) {
  std::set<std::string> sentences;
  for (const Cause cause : {Cause::deadline, Cause::cancelled, Cause::closed}) {
    const char *first_answers[kPhaseCount] = {};
    for (int round = 0; round < 2; ++round) {
      Story story(Story::keys(kPhaseCount));
      for (std::uint32_t i = 0; i < kPhaseCount; ++i) story.note(i, static_cast<Phase>(i));
      story.freeze(cause, cause == Cause::deadline ? 300ms : 100ms);
      for (std::uint32_t i = 0; i < kPhaseCount; ++i) {
        const char *message = view_request(story.batch(), i).message;
        if (round == 0) first_answers[i] = message;
        EXPECT_EQ(message, first_answers[i]);
        sentences.insert(message);
      }
    }
  }
  EXPECT_EQ(sentences.size(), 3 * kPhaseCount);
  EXPECT_EQ(sentences.count(""), 0u);
}

TEST(RequestView, settled_request_tells_everything_of_its_outcome) {
  Story story({"a", "b"});
  Outcome outcome;
  outcome.status = Status::ok;
  outcome.phase = Phase::receiving;
  outcome.reused = true;
  outcome.http_status = 200;
  outcome.attempts = 2;
  outcome.body = story.body("hello");
  outcome.bytes_received = 5;
  outcome.headers = std::string("etag\0\"x\"\0", 9);
  outcome.address = "127.0.0.1:80";
  outcome.request_id = "42";
  outcome.times.waiting = 3ms;
  outcome.times.receiving = 1ms;
  outcome.since = story.batch().submitted_at() + 4ms;
  story.settle_as(0, std::move(outcome), 5ms);
  const RequestView view = view_request(story.batch(), 0);
  EXPECT_TRUE(view.settled);
  EXPECT_TRUE(view.reused);
  EXPECT_EQ(view.http_status, 200u);
  EXPECT_EQ(view.attempts, 2u);
  ASSERT_NE(view.body, nullptr);
  EXPECT_EQ(view.body->size(), 5u);
  EXPECT_EQ(view.object_size, 5u);
  EXPECT_EQ(view.headers.size(), 9u);
  EXPECT_STREQ(view.request_id, "42");
  EXPECT_STREQ(view.message, "");
  EXPECT_EQ(view.settled_us, 5'000u);
  EXPECT_EQ(view.since_us, 4'000u);
  EXPECT_EQ(view.phase_us[4], 3'000u);
}

TEST(RequestView, failed_request_has_no_body_and_without_a_message_the_sentence_of_its_status) {
  Story story({"a"});
  Outcome outcome;
  outcome.status = Status::not_found;
  outcome.body = story.body("<Error/>");
  story.settle_as(0, std::move(outcome), 5ms);
  const RequestView view = view_request(story.batch(), 0);
  EXPECT_EQ(view.body, nullptr);
  EXPECT_STREQ(view.message, find_status(2)->text);
}

TEST(BatchSummary, four_counts_add_up_whatever_froze_the_batch) {
  for (const Cause cause : {Cause::deadline, Cause::cancelled, Cause::closed}) {
    Story story(Story::keys(10));
    story.settle(0, Status::ok);
    story.settle(1, Status::not_modified);
    story.settle(2, Status::not_found);
    story.settle(3, Status::shed);
    story.settle(4, Status::connect_failed);
    story.freeze(cause, cause == Cause::deadline ? 300ms : 100ms);
    const BatchSummary summary = summarize(story.batch());
    EXPECT_EQ(summary.state, cause);
    EXPECT_EQ(summary.request_count, 10u);
    EXPECT_EQ(summary.settled_count, 5u);
    EXPECT_EQ(summary.ok_count, 2u);
    EXPECT_EQ(summary.missing_count, 1u);
    EXPECT_EQ(summary.late_count, cause == Cause::deadline ? 6u : 1u);
    EXPECT_EQ(summary.failed_count, cause == Cause::deadline ? 1u : 6u);
    EXPECT_EQ(summary.frozen_us, cause == Cause::deadline ? 300'000u : 100'000u);
    EXPECT_EQ(summary.budget_us, 300'000u);
  }
}

TEST(BatchSummary, open_batch_counts_only_what_has_settled) {
  Story story(Story::keys(3));
  Outcome outcome;
  outcome.status = Status::ok;
  outcome.body = story.body("hello");
  story.settle_as(1, std::move(outcome), 2ms);
  const BatchSummary summary = summarize(story.batch());
  EXPECT_EQ(summary.state, Cause::open);
  EXPECT_EQ(summary.settled_count, 1u);
  EXPECT_EQ(summary.body_bytes, 5u);
  EXPECT_EQ(summary.ok_count + summary.missing_count + summary.late_count + summary.failed_count, 0u);
  EXPECT_EQ(summary.frozen_us, 0u);
}

TEST(BatchSummary, late_pickup_is_reported_and_does_not_move_the_freeze) {
  Story story({"a"});
  story.clock().set(story.batch().submitted_at() + 1300ms);
  EXPECT_EQ(story.batch().wait(kNever), Status::ok);
  const BatchSummary summary = summarize(story.batch());
  EXPECT_EQ(summary.frozen_us, 300'000u);
  EXPECT_EQ(summary.pickup_lag_us, 1'000'000u);
}

TEST(ExplainLine, line_names_phases_addresses_and_statuses_by_count) {
  Story story(Story::keys(101));
  story.settle_range(0, 97, Status::ok);
  story.settle(97, Status::connect_failed);
  story.note(98, Phase::queued);
  story.note(99, Phase::waiting, "127.0.0.1:80");
  story.note(100, Phase::waiting, "127.0.0.1:80");
  story.freeze(Cause::deadline, 300ms);
  EXPECT_EQ(explain_line(story.batch()),
            "97 of 101 in 300 ms; late 3: waiting 2 (127.0.0.1:80), queued 1; failed 1: CONNECT_FAILED 1");
}

TEST(ExplainLine, complete_batch_needs_no_reasons) {
  Story story({"a", "b"});
  story.settle(0, Status::ok, 3ms);
  story.settle(1, Status::not_modified, 4200us);
  EXPECT_EQ(explain_line(story.batch()), "2 of 2 in 4.2 ms");
}

TEST(ExplainLine, missing_and_shed_keys_are_told_apart_from_failures) {
  Story story(Story::keys(4));
  story.settle(0, Status::ok, 1ms);
  story.settle(1, Status::shed, 2ms);
  story.settle(2, Status::not_found, 3ms);
  story.settle(3, Status::not_found, 10ms);
  EXPECT_EQ(explain_line(story.batch()), "1 of 4 in 10 ms; late 1: SHED 1; missing 2");
}

TEST(ExplainLine, cancelled_requests_count_as_failed_and_keep_their_phase) {
  Story story(Story::keys(2));
  story.note(0, Phase::connecting, "[::1]:80");
  story.freeze(Cause::cancelled, 20ms);
  EXPECT_EQ(explain_line(story.batch()),
            "0 of 2 in 20 ms; failed 2: CANCELLED queued 1, CANCELLED connecting 1 ([::1]:80)");
}

TEST(ExplainLine, line_stays_short_however_many_reasons_there_are) {
  Story story(Story::keys(1000));
  for (std::uint32_t i = 0; i < 1000; ++i) story.note(i, Phase::waiting, "192.0.2.7:" + std::to_string(i / 2));
  story.freeze(Cause::deadline, 300ms);
  const std::string line = explain_line(story.batch());
  EXPECT_TRUE(line.ends_with(", and 992 more")) << line;
  EXPECT_LT(line.size(), 300u);
}

TEST(ExplainLine, empty_batch_is_explained_as_well) {
  Story story(std::vector<std::string>{});
  EXPECT_EQ(explain_line(story.batch()), "0 of 0 in 0 ms");
  EXPECT_TRUE(is_well_formed(explain_svg(story.batch())));
  EXPECT_TRUE(Json::parse(explain_json(story.batch()))["requests"].empty());
}

TEST(ExplainLine, spans_have_three_digits_and_no_trailing_zeros) {
  EXPECT_EQ(milliseconds_text(0), "0 ms");
  EXPECT_EQ(milliseconds_text(350), "0.35 ms");
  EXPECT_EQ(milliseconds_text(4'200), "4.2 ms");
  EXPECT_EQ(milliseconds_text(9'996), "10 ms");
  EXPECT_EQ(milliseconds_text(12'340), "12.3 ms");
  EXPECT_EQ(milliseconds_text(99'960), "100 ms");
}

TEST(ExplainJson, document_holds_the_summary_and_every_request) {
  Story story({"a", "b", "c"});
  Outcome outcome;
  outcome.status = Status::forbidden;
  outcome.phase = Phase::receiving;
  outcome.http_status = 403;
  outcome.attempts = 1;
  outcome.error_code = "AccessDenied";
  outcome.request_id = "R1";
  outcome.message = "the origin answered 403";
  outcome.bytes_received = 17;
  outcome.times.queued = 1500us;
  story.settle_as(0, std::move(outcome), 10ms);
  story.settle(2, Status::ok, 11ms);
  story.note(1, Phase::waiting, "127.0.0.1:80", 100ms);
  story.freeze(Cause::deadline, 300ms);
  const Json json = Json::parse(explain_json(story.batch()));
  EXPECT_EQ(json["v"], 1);
  EXPECT_EQ(json["state"], "DEADLINE");
  EXPECT_EQ(json["budget_us"], 300'000);
  EXPECT_EQ(json["frozen_us"], 300'000);
  EXPECT_EQ(json["counts"], Json::parse(R"({"requests":3,"settled":2,"ok":1,"missing":0,"late":1,"failed":1})"));
  EXPECT_EQ(json["requests"][0], Json::parse(R"({"key":"a","status":"FORBIDDEN","settled":true,"source":null,
      "phase":"receiving","http_status":403,"attempts":1,"address":"","reused":false,"bytes":17,"settled_us":10000,
      "since_us":0,"queued_us":1500,"resolving_us":0,"connecting_us":0,"securing_us":0,"waiting_us":0,
      "receiving_us":0,"message":"the origin answered 403","error_code":"AccessDenied","request_id":"R1",
      "extended_request_id":""})"));
  EXPECT_EQ(json["requests"][1]["address"], "127.0.0.1:80");
  EXPECT_EQ(json["requests"][1]["waiting_us"], 200'000);
  EXPECT_EQ(json["requests"][1]["settled"], false);
  EXPECT_EQ(json["requests"][2]["source"], "origin");
}

TEST(ExplainJson, key_that_is_no_utf8_comes_as_base64) {
  Story story({"\xff", "\xff\xfe", "\xff\xfe\xfd", "\xff\xfe\xfd\xfc", "gr\xc3\xbc\xc3\x9f"});
  story.freeze(Cause::cancelled, 1ms);
  const Json requests = Json::parse(explain_json(story.batch()))["requests"];
  EXPECT_EQ(requests[0]["key_base64"], "/w==");
  EXPECT_EQ(requests[1]["key_base64"], "//4=");
  EXPECT_EQ(requests[2]["key_base64"], "//79");
  EXPECT_EQ(requests[3]["key_base64"], "//79/A==");
  EXPECT_FALSE(requests[3].contains("key"));
  EXPECT_EQ(requests[4]["key"], "gr\xc3\xbc\xc3\x9f");
}

TEST(ExplainJson, document_is_utf8_whatever_an_origin_says) {
  Story story({"a"});
  Outcome outcome;
  outcome.status = Status::server_error;
  outcome.message = "\xff";
  outcome.error_code = "\xc3(";
  outcome.request_id = "\x01";
  story.settle_as(0, std::move(outcome), 1ms);
  const std::string text = explain_json(story.batch());
  EXPECT_TRUE(is_utf8(text));
  EXPECT_TRUE(Json::accept(text));
}

TEST(Explain, hostile_keys_break_neither_line_nor_document_nor_picture) {
  const std::vector<std::string> keys = hostile_keys();
  Story story(keys);
  Outcome outcome;
  outcome.status = Status::server_error;
  outcome.message = "</title>\x01&\xff";
  outcome.address = "<&>";
  outcome.http_status = 500;
  story.settle_as(0, std::move(outcome), 1ms);
  story.freeze(Cause::deadline, 300ms);
  EXPECT_FALSE(holds(explain_line(story.batch()), "\n"));
  EXPECT_EQ(Json::parse(explain_json(story.batch()))["requests"].size(), keys.size());
  const std::string svg = explain_svg(story.batch());
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_FALSE(holds(svg, "<script"));
  EXPECT_TRUE(holds(svg, ">SERVER_ERROR 500</text>"));
}

TEST(ExplainSvg, checker_of_these_tests_refuses_broken_xml) {
  EXPECT_TRUE(is_well_formed("<a b=\"c\"><d/>&lt;</a>"));
  for (const char *broken :
       {"<a>", "</a>", "<a></b>", "<a>&</a>", "<a>\x01</a>", "<a>\xff</a>", "<a>></a>", "<a", "<a b=\"/>"}) {
    EXPECT_FALSE(is_well_formed(broken)) << broken;
  }
}

TEST(ExplainSvg, picture_has_a_bar_a_tooltip_and_for_what_is_not_ok_a_status_for_each_key) {
  Story story(Story::keys(3));
  story.settle(0, Status::ok, 10ms);
  story.settle(1, Status::not_found, 20ms);
  story.note(2, Phase::waiting, "127.0.0.1:80", 50ms);
  story.freeze(Cause::deadline, 300ms);
  const std::string svg = explain_svg(story.batch());
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_TRUE(holds(svg, "<title>1 of 3 in 300 ms; late 1: waiting 1 (127.0.0.1:80); missing 1</title>"));
  EXPECT_EQ(count_of("<g class=\"row\"><title>key-", svg), 3u);
  for (const char *text : {">NOT_FOUND<", ">DEADLINE waiting<", ">deadline 300 ms<", "prefers-color-scheme:dark"}) {
    EXPECT_TRUE(holds(svg, text)) << text;
  }
  EXPECT_FALSE(holds(svg, ">OK</text>"));
}

TEST(ExplainSvg, bar_of_an_unsettled_key_ends_at_the_line_of_the_deadline) {
  Story story({"a"});
  story.note(0, Phase::waiting, "127.0.0.1:80", 100ms);
  story.freeze(Cause::deadline, 300ms);
  const std::string svg = explain_svg(story.batch());
  const auto number_behind = [&svg](std::string_view start, std::string_view name) {
    const std::size_t at = svg.find(name, svg.rfind(start));
    return std::stod(svg.substr(at + name.size()));
  };
  const double bar_left = number_behind("<rect class=\"p4\"", "x=\"");
  const double bar_width = number_behind("<rect class=\"p4\"", "width=\"");
  const double other_width = number_behind("<rect class=\"other\"", "width=\"");
  const double line = number_behind("<path class=\"mark\"", "d=\"M");
  EXPECT_NEAR(bar_left + bar_width, line, 0.1);
  EXPECT_NEAR(bar_width, 2 * other_width, 0.1);
}

TEST(ExplainSvg, deadline_far_behind_the_freeze_is_named_and_does_not_squeeze_the_bars) {
  Story story({"a"}, 1200ms);
  story.settle(0, Status::ok, 40ms);
  const std::string svg = explain_svg(story.batch());
  EXPECT_TRUE(holds(svg, ">deadline 1200 ms →</text>"));
  EXPECT_FALSE(holds(svg, "<path class=\"mark\""));
  EXPECT_FALSE(holds(svg, ">50 ms</text>"));
}

TEST(ExplainSvg, cancel_has_a_line_of_its_own) {
  Story story({"a"});
  story.freeze(Cause::cancelled, 200ms);
  const std::string svg = explain_svg(story.batch());
  EXPECT_TRUE(holds(svg, ">cancelled 200 ms</text>"));
  EXPECT_TRUE(holds(svg, ">deadline 300 ms</text>"));
}

TEST(ExplainSvg, long_key_is_shortened_in_the_middle_at_whole_characters) {
  Story story({"photos/2024/a-very-long-folder-name/thumbnail-17.jpg",
               "写真/東京/とても長い名前のファイルです/夏の思い出.jpg"});
  story.freeze(Cause::cancelled, 1ms);
  const std::string svg = explain_svg(story.batch());
  EXPECT_TRUE(holds(svg, ">photos/2024/a…ame/thumbnail-17.jpg</text>")) << svg;
  EXPECT_TRUE(holds(svg, "夏の思い出.jpg</text>"));
  EXPECT_TRUE(holds(svg, "<title>photos/2024/a-very-long-folder-name/thumbnail-17.jpg\n"));
}

TEST(ExplainSvg, large_batch_shows_what_is_not_ok_and_the_slowest) {
  Story story(Story::keys(1000));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    if (i != 3) story.settle(i, Status::ok, Duration(1ms) * (1 + i / 10));
  }
  story.freeze(Cause::deadline, 300ms);
  const std::string svg = explain_svg(story.batch());
  EXPECT_EQ(count_of("<g class=\"row\">", svg), kTimelineRowsMax);
  EXPECT_TRUE(holds(svg, "<title>key-3\n"));
  EXPECT_FALSE(holds(svg, "<title>key-4\n"));
  EXPECT_TRUE(holds(svg, "<title>key-999\n"));
  EXPECT_TRUE(holds(svg, ">800 more keys are ok and not shown: above are all that are not ok and the slowest.<"));
}

TEST(ExplainSvg, large_batch_says_how_many_that_are_not_ok_it_leaves_out) {
  Story story(Story::keys(450));
  story.settle_range(0, 150, Status::ok);
  story.freeze(Cause::deadline, 300ms);
  const std::string svg = explain_svg(story.batch());
  EXPECT_EQ(count_of("<g class=\"row\">", svg), kTimelineRowsMax);
  EXPECT_TRUE(holds(svg, ">250 more keys are not shown, 100 of them not ok.<"));
}

}  // namespace
}  // namespace octo
