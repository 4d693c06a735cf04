// Faults in JSON to structs, by one table: a row says a fault's name, its fields and their defaults. A new fault is a new row
// here and its duty in reply_plan.cpp.
#include <algorithm>
#include <map>

#include "fields.hpp"

namespace octo::origin {

const char *const kPoison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON";

namespace {

// Which fields a fault may have.
enum : unsigned {
  kAt = 1u << 0,
  kAfterBytes = 1u << 1,
  kBytes = 1u << 2,
  kCount = 1u << 3,
  kBy = 1u << 4,
  kEveryMs = 1u << 5,
  kAfterMs = 1u << 6,
  kGapMs = 1u << 7,
  kSplit = 1u << 8,
  kCloseNotify = 1u << 9,
  kStrayFields = 1u << 10,
  kPayload = 1u << 11,
  kFrom = 1u << 12,
};

// Two faults of one group contradict each other, so a reply takes one of each.
enum class Group { kEnd, kPace, kCorrupt, kFraming, kHead, kStart, kRange, kStray, kBefore, kIdle, kTls };

struct Row {
  const char *name;
  FaultType type;
  Group group;
  unsigned fields;
  Place at = Place::kRequest;
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;
  std::uint64_t by = 0;
  double every_ms = 0;
  double after_ms = 0;
  double gap_ms = 0;
  std::string payload = {};
};

using Type = FaultType;

constexpr double kMsMax = 86'400'000;
constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 50;
constexpr std::uint64_t kEndlessUnitMax = 1u << 20;
constexpr double kGapMsDefault = 5;
constexpr const char *kBanner = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
constexpr const char *kGarbage = "\x01\xfe\x80 not http at all\r\n";
constexpr const char *kJunkTrailer = "\x01junk without a colon\r\n\x80\x81: \r\n";

const std::vector<Row> &rows() {
  static const std::vector<Row> all = {
      {"stall_before_headers", Type::kStall, Group::kEnd, 0, Place::kRequest},
      {"stall_in_headers", Type::kStall, Group::kEnd, kAfterBytes, Place::kHeaders},
      {"stall_in_body", Type::kStall, Group::kEnd, kAfterBytes, Place::kBody},
      {"reset", Type::kReset, Group::kEnd, kAt | kAfterBytes, Place::kBody},
      {"close", Type::kClose, Group::kEnd, kAt | kAfterBytes | kCloseNotify, Place::kBody},
      {"half_close", Type::kHalfClose, Group::kEnd, kAt | kAfterBytes, Place::kEnd},
      {"tls_close_notify", Type::kTlsCloseNotify, Group::kEnd, kAt | kAfterBytes, Place::kEnd},
      {"drip", Type::kDrip, Group::kPace, kBytes | kEveryMs | kFrom, Place::kBody, 1, 0, 0, 10},
      {"corrupt", Type::kCorrupt, Group::kCorrupt, kAfterBytes},
      {"length_short", Type::kLengthShort, Group::kFraming, kBy | kSplit | kGapMs, {}, 0, 0, 10, 0, 0, kGapMsDefault},
      {"length_long", Type::kLengthLong, Group::kFraming, kBy | kCloseNotify, {}, 0, 0, 10},
      {"length_duplicate", Type::kLengthDuplicate, Group::kFraming, 0},
      {"length_conflict", Type::kLengthConflict, Group::kFraming, kBy, {}, 0, 0, 10},
      {"length_negative", Type::kLengthNegative, Group::kFraming, 0},
      {"length_overflow", Type::kLengthOverflow, Group::kFraming, 0},
      {"length_huge", Type::kLengthHuge, Group::kFraming, kBytes, {}, std::uint64_t{1} << 40},
      {"length_and_chunked", Type::kLengthAndChunked, Group::kFraming, kBy},
      {"chunk_bad_size", Type::kChunkBadSize, Group::kFraming, kAfterBytes | kPayload, {}, 0, 0, 0, 0, 0, 0, "xyz\r\n"},
      {"chunk_truncated", Type::kChunkTruncated, Group::kFraming, kCloseNotify},
      {"chunk_endless", Type::kChunkEndless, Group::kFraming, kBytes | kEveryMs, {}, 16000, 0, 0, 1},
      {"chunk_junk_trailer", Type::kChunkJunkTrailer, Group::kFraming, kPayload, {}, 0, 0, 0, 0, 0, 0, kJunkTrailer},
      {"body_endless", Type::kBodyEndless, Group::kFraming, kBytes | kEveryMs, {}, 16000, 0, 0, 1},
      {"header_line_huge", Type::kHeaderLineHuge, Group::kHead, kBytes, {}, 1u << 20},
      {"header_count_huge", Type::kHeaderCountHuge, Group::kHead, kCount, {}, 0, 100'000},
      {"informational", Type::kInformational, Group::kStart, kCount | kEveryMs, {}, 0, 3},
      {"informational_flood", Type::kInformational, Group::kStart, kCount | kEveryMs, {}, 0, 1'000},
      {"garbage", Type::kGarbage, Group::kHead, kPayload, {}, 0, 0, 0, 0, 0, 0, kGarbage},
      {"banner", Type::kBanner, Group::kHead, kPayload, {}, 0, 0, 0, 0, 0, 0, kBanner},
      {"http09", Type::kHttp09, Group::kHead, 0},
      {"range_wrong", Type::kRangeWrong, Group::kRange, kBy, {}, 0, 0, 1},
      {"range_missing", Type::kRangeMissing, Group::kRange, 0},
      {"range_ignored", Type::kRangeIgnored, Group::kRange, 0},
      {"range_short", Type::kRangeShort, Group::kRange, kBy, {}, 0, 0, 1},
      {"multipart_ranges", Type::kMultipartRanges, Group::kRange, 0},
      {"stray",
       Type::kStray,
       Group::kStray,
       kStrayFields | kPayload | kAfterMs | kGapMs,
       {},
       0,
       0,
       0,
       0,
       20,
       0,
       kPoison},
      {"stray_before", Type::kStrayBefore, Group::kBefore, kPayload, {}, 0, 0, 0, 0, 0, 0, kPoison},
      {"idle_close", Type::kIdleClose, Group::kIdle, kAfterMs, {}, 0, 0, 0, 0, 1'000},
      {"tls_key_update", Type::kTlsKeyUpdate, Group::kTls, kCount, {}, 0, 1},
      {"tls_tickets", Type::kTlsTickets, Group::kTls, kCount, {}, 0, 10},
  };
  return all;
}

const std::vector<std::string> kPlaceNames = {"request", "headers", "body", "end"};
const std::vector<std::string> kWhereNames = {"same_segment", "body_record", "while_idle"};
const std::vector<std::string> kKindNames = {"bytes", "close_notify", "fin", "rst"};

const Row &row_of(Fields &fields) {
  const auto name = fields.text("type");
  if (!name) fields.fail("type", "a fault needs a type, such as \"reset\"");
  const auto found = std::find_if(rows().begin(), rows().end(), [&](const Row &row) { return *name == row.name; });
  if (found != rows().end()) return *found;
  std::string all;
  for (const Row &row : rows()) all += (all.empty() ? "" : ", ") + std::string(row.name);
  fields.fail("type", "'" + *name + "' is not a fault; use one of " + all);
}

void read_numbers(Fields &fields, const Row &row, Fault &fault) {
  if ((row.fields & kAfterBytes) != 0 && fields.find("after_bytes") != nullptr) {
    fault.after_bytes = fields.integer("after_bytes", 0, 0, kBytesMax);
  }
  const bool is_endless = row.type == Type::kChunkEndless || row.type == Type::kBodyEndless;
  const std::uint64_t bytes_max = is_endless ? kEndlessUnitMax : kBytesMax;
  if ((row.fields & kBytes) != 0) fault.bytes = fields.integer("bytes", row.bytes, 1, bytes_max);
  if ((row.fields & kCount) != 0) fault.count = fields.integer("count", row.count, 0, kBytesMax);
  if ((row.fields & kBy) != 0) fault.by = fields.integer("by", row.by, 0, kBytesMax);
  if ((row.fields & kEveryMs) != 0) fault.every_ms = fields.number("every_ms", row.every_ms, 0, kMsMax);
  if ((row.fields & kAfterMs) != 0) fault.after_ms = fields.number("after_ms", row.after_ms, 0, kMsMax);
  if ((row.fields & kGapMs) != 0) fault.gap_ms = fields.number("gap_ms", row.gap_ms, 0, kMsMax);
}

void read_choices(Fields &fields, const Row &row, Fault &fault) {
  const auto place_index = static_cast<std::size_t>(row.at);
  if ((row.fields & kAt) != 0) fault.at = static_cast<Place>(fields.choice("at", place_index, kPlaceNames));
  if ((row.fields & kFrom) != 0) {
    fault.at = fields.choice("from", 1, {"headers", "body"}) == 0 ? Place::kHeaders : Place::kBody;
  }
  if ((row.fields & kSplit) != 0) fault.is_split = fields.flag("split", false);
  if ((row.fields & kCloseNotify) != 0) fault.has_close_notify = fields.flag("close_notify", false);
  if ((row.fields & kStrayFields) != 0) {
    fault.where = static_cast<StrayWhere>(fields.choice("where", 0, kWhereNames));
    fault.kind = static_cast<StrayKind>(fields.choice("kind", 0, kKindNames));
    if (fault.kind != StrayKind::kBytes && fault.where != StrayWhere::kWhileIdle) {
      fields.fail("kind", "only a stray with \"where\": \"while_idle\" has a kind other than bytes");
    }
  }
  if ((row.fields & kPayload) != 0) {
    fault.payload = fields.bytes("payload").value_or(row.payload);
    if (fault.payload.empty()) fields.fail("payload", "must not be empty");
  }
}

// `injected.reset.body`, `injected.stray.while_idle.fin`: the type, and where it struck when the script may choose that.
std::string counter_name(const Row &row, const Fault &fault) {
  std::string name = std::string("injected.") + row.name;
  if ((row.fields & (kAt | kFrom)) != 0) name += "." + kPlaceNames[static_cast<std::size_t>(fault.at)];
  if ((row.fields & kStrayFields) != 0) {
    name += "." + kWhereNames[static_cast<std::size_t>(fault.where)];
    if (fault.kind != StrayKind::kBytes) name += "." + kKindNames[static_cast<std::size_t>(fault.kind)];
  }
  return name;
}

}  // namespace

std::vector<Fault> read_faults(const Json &value, const std::string &where, Counters &counters) {
  std::vector<Fault> faults;
  std::map<Group, std::string> taken;
  const bool is_list = value.is_array();
  const std::size_t count = is_list ? value.size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    Fields fields(is_list ? value[i] : value, is_list ? name_of_element(where, i) : where);
    const Row &row = row_of(fields);
    const auto [other, is_new] = taken.try_emplace(row.group, row.name);
    if (!is_new) fields.fail("type", std::string(row.name) + " and " + other->second + " exclude each other");
    Fault fault;
    fault.type = row.type;
    fault.at = row.at;
    read_numbers(fields, row, fault);
    read_choices(fields, row, fault);
    fields.finish();
    fault.counter = counters.intern(counter_name(row, fault));
    faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace octo::origin
