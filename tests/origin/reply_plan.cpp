// From reply and faults to steps. Each group of faults has one place here: what starts the answer, the head, the framing of the
// body, where the stream is cut, and what happens on the idle connection afterwards.
#include "reply_plan.hpp"

#include <algorithm>
#include <ctime>
#include <initializer_list>

#include "framing.hpp"
#include "response.hpp"

namespace octo::origin {

namespace {

using Type = FaultType;

Duration ms(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(value));
}

class ReplyPlanner {
 public:
  ReplyPlanner(const ReplyOrder &order, const RequestHead &head) : order_(order), reply_(order.reply), head_(head) {}

  Plan plan();

 private:
  const Fault *find(std::initializer_list<Type> types) const;
  void count(const Fault *fault) {
    if (fault != nullptr) plan_.emplace_back(Count{fault->counter});
  }
  void start();
  bool replace_reply(const Response &response);
  std::string head_text(const Response &response, const Framed &framed) const;
  void write_huge_head(std::string &head);
  void write_stream(std::string head, Framed framed);
  void write_with_stray(Spans head, Spans body);
  void write_endless(const Framed &framed);
  void cut_at(const Fault &cut);
  void finish(const Framed &framed);
  void after_reply();

  const ReplyOrder &order_;
  const Reply &reply_;
  const RequestHead &head_;
  Plan plan_;
};

const Fault *ReplyPlanner::find(std::initializer_list<Type> types) const {
  if (!order_.has_faults) return nullptr;
  for (const Fault &fault : reply_.faults) {
    if (std::find(types.begin(), types.end(), fault.type) != types.end()) return &fault;
  }
  return nullptr;
}

Plan ReplyPlanner::plan() {
  const Fault *cut = find({Type::kStall, Type::kReset, Type::kClose, Type::kHalfClose, Type::kTlsCloseNotify});
  if (order_.latency > Duration::zero()) plan_.emplace_back(Wait{order_.latency});
  if (cut != nullptr && cut->at == Place::kRequest) {
    cut_at(*cut);
    return std::move(plan_);
  }
  start();
  const Fault *range =
      find({Type::kRangeWrong, Type::kRangeMissing, Type::kRangeIgnored, Type::kRangeShort, Type::kMultipartRanges});
  Response response = respond(reply_, head_, order_.name, range);
  if (response.used_range_fault) count(range);
  if (const Fault *corrupt = find({Type::kCorrupt}); corrupt != nullptr && !response.body.empty()) {
    count(corrupt);
    flip_byte(response.body, corrupt->after_bytes.value_or(bytes_of(response.body) / 2));
  }
  if (replace_reply(response)) return std::move(plan_);

  const Fault *framing =
      response.may_have_body
          ? find({Type::kLengthShort, Type::kLengthLong, Type::kLengthDuplicate, Type::kLengthConflict,
                  Type::kLengthNegative, Type::kLengthOverflow, Type::kLengthHuge, Type::kLengthAndChunked,
                  Type::kChunkBadSize, Type::kChunkTruncated, Type::kChunkEndless, Type::kChunkJunkTrailer,
                  Type::kBodyEndless})
          : nullptr;
  count(framing);
  const Fault *body_cut = cut != nullptr && cut->at == Place::kBody ? cut : nullptr;
  Framed framed = frame_body(reply_, framing, body_cut, std::move(response));
  if (head_.method == "HEAD") drop_body(framed);
  std::string head = head_text(framed.response, framed);
  if (cut != nullptr && cut->at == Place::kHeaders) {
    head.resize(
        std::min<std::size_t>(head.size(), static_cast<std::size_t>(cut->after_bytes.value_or(head.size() / 2))));
    framed = Framed{};
  }
  framed.is_cut = cut != nullptr && cut->at != Place::kEnd;
  write_stream(std::move(head), std::move(framed));
  return std::move(plan_);
}

// What comes before the status line.
void ReplyPlanner::start() {
  const Fault *tls = find({Type::kTlsKeyUpdate, Type::kTlsTickets});
  count(tls);
  if (tls != nullptr && tls->type == Type::kTlsTickets) plan_.emplace_back(Tickets{tls->count});
  if (tls != nullptr && tls->type == Type::kTlsKeyUpdate) {
    constexpr std::uint64_t kUpdatesMax = 10'000;
    plan_.insert(plan_.end(), static_cast<std::size_t>(std::min(tls->count, kUpdatesMax)), KeyUpdate{});
  }
  if (const Fault *informational = find({Type::kInformational})) {
    count(informational);
    plan_.emplace_back(Repeat{"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
                              informational->count, ms(informational->every_ms)});
  }
}

// The faults that send something else than a reply.
bool ReplyPlanner::replace_reply(const Response &response) {
  if (const Fault *banner = find({Type::kBanner})) {
    count(banner);
    plan_.emplace_back(Write{{Span::literal(banner->payload)}});
    plan_.emplace_back(Stall{});
    return true;
  }
  if (const Fault *http09 = find({Type::kHttp09})) {
    count(http09);
    plan_.emplace_back(Write{response.body});
    plan_.emplace_back(End{Ending::kCloseAfterNotify});
    return true;
  }
  return false;
}

std::string ReplyPlanner::head_text(const Response &response, const Framed &framed) const {
  std::string text;
  text.reserve(256);
  if (const Fault *garbage = find({Type::kGarbage})) {
    text = garbage->payload;
  } else {
    text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(response.reason).append("\r\n");
  }
  for (const auto &[name, value] : reply_.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (reply_.date_offset_s) {
    const auto at = std::time(nullptr) + static_cast<std::time_t>(*reply_.date_offset_s);
    std::tm parts{};
    char date[64];
    gmtime_r(&at, &parts);
    std::strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    text.append(date);
  }
  if (!response.content_type.empty()) text.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (!response.etag.empty()) text.append("ETag: ").append(response.etag).append("\r\n");
  if (!response.content_range.empty()) text.append("Content-Range: ").append(response.content_range).append("\r\n");
  if (response.may_have_body) text.append(framed.header_lines);
  const bool is_close_framed = response.may_have_body && framed.header_lines.empty();
  if (reply_.is_last || !head_.is_keep_alive || is_close_framed) text.append("Connection: close\r\n");
  return text.append("\r\n");
}

// Writes all of a header bomb but the end of the head, which stays in `head`.
void ReplyPlanner::write_huge_head(std::string &head) {
  const Fault *huge = find({Type::kHeaderLineHuge, Type::kHeaderCountHuge});
  if (huge == nullptr || head.size() < 2) return;
  count(huge);
  head.resize(head.size() - 2);
  const bool is_line = huge->type == Type::kHeaderLineHuge;
  plan_.emplace_back(Write{{Span::literal(head + (is_line ? "X-Huge: " : ""))}});
  if (is_line) {
    constexpr std::uint64_t kUnit = 1024;
    if (huge->bytes >= kUnit) plan_.emplace_back(Repeat{std::string(kUnit, 'a'), huge->bytes / kUnit, {}});
    head = std::string(static_cast<std::size_t>(huge->bytes % kUnit), 'a') + "\r\n\r\n";
  } else {
    plan_.emplace_back(Repeat{"X-Many: 1\r\n", huge->count, {}});
    head = "\r\n";
  }
}

void ReplyPlanner::write_stream(std::string head, Framed framed) {
  count(find({Type::kGarbage}));
  write_huge_head(head);
  const Fault *drip = find({Type::kDrip});
  const Fault *stray = find({Type::kStray});
  count(drip);
  Spans head_spans{Span::literal(std::move(head))};
  const bool has_stray = stray != nullptr && stray->where != StrayWhere::kWhileIdle && !framed.is_cut;
  if (has_stray) {
    count(stray);
    framed.body.push_back(Span::literal(stray->payload));
  }
  if (drip != nullptr) {
    const bool is_all = drip->at == Place::kHeaders;
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(drip->bytes, kPieceBytes));
    plan_.emplace_back(
        Write{std::move(head_spans), is_all ? piece : kPieceBytes, is_all ? ms(drip->every_ms) : Duration{}});
    plan_.emplace_back(Write{std::move(framed.body), piece, ms(drip->every_ms)});
  } else if (has_stray) {
    write_with_stray(std::move(head_spans), std::move(framed.body));
  } else {
    for (Span &span : framed.body) head_spans.push_back(std::move(span));
    plan_.emplace_back(Write{std::move(head_spans)});
  }
  finish(framed);
}

// `body` ends with the stray bytes, which share their piece with the end of the body whatever its size.
void ReplyPlanner::write_with_stray(Spans head, Spans body) {
  const Fault *stray = find({Type::kStray});
  Spans stream = std::move(head);
  if (stray->where == StrayWhere::kBodyRecord) {
    plan_.emplace_back(Write{std::move(stream)});
    if (stray->gap_ms > 0) plan_.emplace_back(Wait{ms(stray->gap_ms)});
    stream.clear();
  }
  for (Span &span : body) stream.push_back(std::move(span));
  const std::uint64_t total = bytes_of(stream);
  if (total > kPieceBytes) {
    const std::uint64_t tail = std::min<std::uint64_t>(kPieceBytes, kPieceBytes / 2 + stray->payload.size());
    Spans last = split_off(stream, total - tail);
    plan_.emplace_back(Write{std::move(stream)});
    stream = std::move(last);
  }
  plan_.emplace_back(Write{std::move(stream)});
}

void ReplyPlanner::write_endless(const Framed &framed) {
  const Fault *cut = find({Type::kStall, Type::kReset, Type::kClose, Type::kHalfClose, Type::kTlsCloseNotify});
  std::uint64_t times = 0;
  if (framed.is_cut && cut->at == Place::kBody) {
    times = std::max<std::uint64_t>(1, cut->after_bytes.value_or(0) / framed.endless_unit.size());
  }
  plan_.emplace_back(Repeat{framed.endless_unit, times, ms(framed.endless_every_ms)});
}

void ReplyPlanner::cut_at(const Fault &cut) {
  count(&cut);
  switch (cut.type) {
    case Type::kReset: plan_.emplace_back(End{Ending::kReset}); break;
    case Type::kClose:
      plan_.emplace_back(End{cut.has_close_notify ? Ending::kCloseAfterNotify : Ending::kClose});
      break;
    case Type::kHalfClose: plan_.emplace_back(End{Ending::kHalfClose}); break;
    case Type::kTlsCloseNotify: plan_.emplace_back(End{Ending::kCloseNotify}); break;
    default: plan_.emplace_back(Stall{});
  }
}

// What follows the bytes of the reply.
void ReplyPlanner::finish(const Framed &framed) {
  if (!framed.endless_unit.empty()) write_endless(framed);
  const Fault *cut = find({Type::kStall, Type::kReset, Type::kClose, Type::kHalfClose, Type::kTlsCloseNotify});
  if (framed.is_cut) {
    cut_at(*cut);
    return;
  }
  if (!framed.excess.empty()) {
    plan_.emplace_back(Wait{ms(framed.excess_gap_ms)});
    plan_.emplace_back(Write{framed.excess});
  }
  if (framed.after == After::kStall) {
    plan_.emplace_back(Stall{});
  } else if (framed.after == After::kClose) {
    plan_.emplace_back(End{framed.has_close_notify ? Ending::kCloseAfterNotify : Ending::kClose});
  } else {
    after_reply();
  }
}

void ReplyPlanner::after_reply() {
  if (const Fault *before = find({Type::kStrayBefore})) {
    plan_.emplace_back(BeforeNext{before->payload, before->counter});
  }
  plan_.emplace_back(Ready{});
  const Fault *cut = find({Type::kStall, Type::kReset, Type::kClose, Type::kHalfClose, Type::kTlsCloseNotify});
  if (cut != nullptr && cut->at == Place::kEnd) cut_at(*cut);
  if (reply_.is_last || !head_.is_keep_alive || (reply_.framing == Framing::kClose)) {
    plan_.emplace_back(End{Ending::kCloseAfterNotify});
    return;
  }
  const Fault *stray = find({Type::kStray});
  if (stray != nullptr && stray->where == StrayWhere::kWhileIdle) {
    plan_.emplace_back(Wait{ms(stray->after_ms)});
    count(stray);
    switch (stray->kind) {
      case StrayKind::kBytes: plan_.emplace_back(Write{{Span::literal(stray->payload)}}); break;
      case StrayKind::kCloseNotify: plan_.emplace_back(End{Ending::kCloseNotify}); break;
      case StrayKind::kFin: plan_.emplace_back(End{Ending::kClose}); break;
      case StrayKind::kRst: plan_.emplace_back(End{Ending::kReset}); break;
    }
  }
  if (const Fault *idle = find({Type::kIdleClose})) {
    plan_.emplace_back(Wait{ms(idle->after_ms)});
    count(idle);
    plan_.emplace_back(End{Ending::kCloseAfterNotify});
  }
}

}  // namespace

Plan plan_reply(const ReplyOrder &order, const RequestHead &head) { return ReplyPlanner(order, head).plan(); }

}  // namespace octo::origin
