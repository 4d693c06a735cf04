// What the script says, as plain structs: which reply, latency and faults each path gets. script_reader.cpp fills them from
// JSON; README.md is the reference of every field. Nothing here acts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "counters.hpp"
#include "signature.hpp"

namespace octo::origin {

struct Latency {
  enum class Type { kNone, kFixed, kLognormal };
  Type type = Type::kNone;
  double fixed_ms = 0;
  double median_ms = 0;
  double sigma = 0;
  double tail_share = 0;
  double tail_min_ms = 0;
  double tail_max_ms = 0;
};

enum class FaultType {
  kStall,
  kReset,
  kClose,
  kHalfClose,
  kTlsCloseNotify,
  kDrip,
  kCorrupt,
  kLengthShort,
  kLengthLong,
  kLengthDuplicate,
  kLengthConflict,
  kLengthNegative,
  kLengthOverflow,
  kLengthHuge,
  kLengthAndChunked,
  kStray,
  kStrayBefore,
  kChunkBadSize,
  kChunkTruncated,
  kChunkEndless,
  kChunkJunkTrailer,
  kBodyEndless,
  kHeaderLineHuge,
  kHeaderCountHuge,
  kInformational,
  kGarbage,
  kBanner,
  kHttp09,
  kRangeWrong,
  kRangeMissing,
  kRangeIgnored,
  kRangeShort,
  kMultipartRanges,
  kIdleClose,
  kTlsKeyUpdate,
  kTlsTickets,
};

// Where in a reply a stall, reset, close or drip begins.
enum class Place { kRequest, kHeaders, kBody, kEnd };

// Where stray bytes go: right after the body in the same write; with the body but apart from the headers; on the idle connection.
enum class StrayWhere { kSameSegment, kBodyRecord, kWhileIdle };

// What a stray on an idle connection is.
enum class StrayKind { kBytes, kCloseNotify, kFin, kRst };

struct Fault {
  FaultType type = FaultType::kStall;
  Place at = Place::kRequest;
  std::optional<std::uint64_t> after_bytes;
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;
  std::uint64_t by = 0;
  double every_ms = 0;
  double after_ms = 0;
  double gap_ms = 0;
  bool is_split = false;
  bool has_close_notify = false;
  StrayWhere where = StrayWhere::kSameSegment;
  StrayKind kind = StrayKind::kBytes;
  std::string payload;
  CounterId counter = 0;
};

// Which connections a reply's faults strike: any, those with their first request, those used before.
enum class FaultOn { kAny, kFresh, kReused };

enum class Framing { kLength, kChunked, kClose };

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 200;
  std::string reason = "OK";
  HeaderList headers;
  std::optional<double> date_offset_s;
  std::uint64_t size = 1024;        // Of the pattern body, when there is no text.
  std::optional<std::string> text;  // "body" or "body_base64".
  std::optional<std::string> etag;  // Empty: made from name and size.
  Framing framing = Framing::kLength;
  std::uint64_t chunk_bytes = 8192;
  std::optional<Latency> latency;
  double delay_ms = 0;
  bool is_last = false;  // "connection_close"
  std::vector<Fault> faults;
  double fault_share = 1;
  FaultOn fault_on = FaultOn::kAny;
  std::string fault_address;  // Of ours; empty: all.
};

// Replies in turn; the last repeats. Each path walks the list by itself unless the list is walked by all paths together.
struct ReplyList {
  std::vector<Reply> replies{Reply{}};
  bool is_shared = false;
  std::uint64_t shared_count = 0;
};

struct RateMax {
  double per_second = 0;
  double burst = 0;
  Reply reply;
};

// What happens to a connection before its first request.
struct AcceptFault {
  enum class Type { kReset, kClose, kStall, kStray, kBanner, kDelay };
  Type type = Type::kReset;
  std::string address;      // Empty: all.
  std::uint64_t count = 0;  // Only the first so many connections; 0: all.
  std::uint64_t seen = 0;
  double share = 1;
  double after_ms = 0;
  std::string payload;
  CounterId counter = 0;
};

struct Script {
  std::uint64_t seed = 1;
  Latency latency;
  std::optional<RateMax> rate_max;
  std::optional<SignatureRule> signature;
  double slow_down_factor = 1;
  bool has_service_times = false;                           // They are written down.
  std::unordered_map<std::string, ReplyList> exact;         // By decoded path.
  std::vector<std::pair<std::string, ReplyList>> prefixes;  // Longest first.
  ReplyList fallback;
  std::unordered_map<std::string, std::vector<AcceptFault>> accept;  // By listener.

  // The replies of a decoded path: exact beats the longest prefix, which beats the default.
  ReplyList &replies_of(const std::string &path);
};

// The text is a sentence naming the field: `paths./a.fault.type: 'resett' is not a fault; ...`.
class ScriptError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Reads a script; fault counters are interned in `counters`. Throws ScriptError.
Script read_script(std::string_view json_text, Counters &counters);

// The reason phrase of a status; "Status" for one without a usual phrase.
std::string_view reason_of(int status);

}  // namespace octo::origin
