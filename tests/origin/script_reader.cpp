// The script's JSON to structs. The first mistake ends the reading with a sentence that names the field.
#include <algorithm>
#include <array>
#include <cmath>

#include "fields.hpp"
#include "percent.hpp"

namespace octo::origin {

namespace {

constexpr double kMsMax = 86'400'000;
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 50;

Latency read_latency(const Json &value, const std::string &where) {
  Fields fields(value, where);
  Latency latency;
  if (fields.find("type") == nullptr) fields.fail("type", "a latency needs a type: none, fixed or lognormal");
  latency.type = static_cast<Latency::Type>(fields.choice("type", 0, {"none", "fixed", "lognormal"}));
  if (latency.type == Latency::Type::kFixed) {
    if (fields.find("ms") == nullptr) fields.fail("ms", "a fixed latency needs it");
    latency.fixed_ms = fields.number("ms", 0, 0, kMsMax);
  }
  if (latency.type == Latency::Type::kLognormal) {
    constexpr double kNormalP95 = 1.6448536269514722;
    if (fields.find("median_ms") == nullptr) fields.fail("median_ms", "a lognormal latency needs it");
    latency.median_ms = fields.number("median_ms", 0, 1e-6, kMsMax);
    const double p95_ms = fields.number("p95_ms", latency.median_ms, latency.median_ms, kMsMax);
    latency.sigma = std::log(p95_ms / latency.median_ms) / kNormalP95;
    if (const Json *tail = fields.find("tail")) {
      Fields tail_fields(*tail, fields.name_of("tail"));
      latency.tail_share = tail_fields.number("share", 0, 0, 1);
      latency.tail_min_ms = tail_fields.number("min_ms", 0, 0, kMsMax);
      latency.tail_max_ms = tail_fields.number("max_ms", latency.tail_min_ms, latency.tail_min_ms, kMsMax);
      tail_fields.finish();
    }
  }
  fields.finish();
  return latency;
}

HeaderList read_headers(const Json &value, const std::string &where) {
  HeaderList headers;
  if (!value.is_array()) throw ScriptError(where + ": must be a list of [\"Name\", \"value\"] pairs");
  for (const Json &pair : value) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      throw ScriptError(where + ": " + pair.dump() + " is not a [\"Name\", \"value\"] pair");
    }
    headers.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return headers;
}

void read_body(Fields &fields, Reply &reply) {
  reply.text = fields.bytes("body");
  if (reply.text && fields.find("size") != nullptr) fields.fail("size", "give a size or a body, not both");
  reply.size = reply.text ? reply.text->size() : fields.integer("size", reply.size, 0, kSizeMax);
  reply.framing = static_cast<Framing>(fields.choice("framing", 0, {"length", "chunked", "close"}));
  reply.chunk_bytes = fields.integer("chunk_bytes", reply.chunk_bytes, 1, 1u << 30);
}

void read_head(Fields &fields, Reply &reply) {
  reply.status = static_cast<int>(fields.integer("status", 200, 200, 999));
  reply.reason = fields.text("reason").value_or(std::string(reason_of(reply.status)));
  if (const Json *headers = fields.find("headers")) {
    reply.headers = read_headers(*headers, fields.name_of("headers"));
  }
  if (fields.find("date_offset_s") != nullptr) {
    reply.date_offset_s = fields.number("date_offset_s", 0, -1e10, 1e10);
  }
  if (const Json *etag = fields.find("etag")) {
    if (etag->is_string()) {
      reply.etag = etag->get<std::string>();
    } else if (fields.flag("etag", false)) {
      reply.etag = "";
    }
  }
}

Reply read_reply(const Json &value, const std::string &where, Counters &counters) {
  Fields fields(value, where);
  Reply reply;
  read_head(fields, reply);
  read_body(fields, reply);
  if (const Json *latency = fields.find("latency")) {
    reply.latency = read_latency(*latency, fields.name_of("latency"));
  }
  reply.delay_ms = fields.number("delay_ms", 0, 0, kMsMax);
  reply.is_last = fields.flag("connection_close", false);
  if (const Json *fault = fields.find("fault")) {
    reply.faults = read_faults(*fault, fields.name_of("fault"), counters);
  }
  reply.fault_share = fields.number("fault_share", 1, 0, 1);
  reply.fault_on = static_cast<FaultOn>(fields.choice("fault_on", 0, {"any", "fresh", "reused"}));
  reply.fault_address = fields.text("fault_address").value_or("");
  fields.finish();
  return reply;
}

// A reply, a list of replies, or {"replies": [...], "each": "path" | "entry"}.
ReplyList read_reply_list(const Json &value, const std::string &where, Counters &counters) {
  const Json *list = &value;
  std::string list_where = where;
  ReplyList replies;
  if (value.is_object() && value.contains("replies")) {
    Fields fields(value, where);
    list = fields.find("replies");
    list_where = fields.name_of("replies");
    replies.is_shared = fields.choice("each", 0, {"path", "entry"}) == 1;
    fields.finish();
    if (!list->is_array()) throw ScriptError(list_where + ": must be a list of replies");
  }
  replies.replies.clear();
  if (!list->is_array()) {
    replies.replies.push_back(read_reply(*list, list_where, counters));
    return replies;
  }
  if (list->empty()) throw ScriptError(list_where + ": the list is empty; name at least one reply");
  for (std::size_t i = 0; i < list->size(); ++i) {
    replies.replies.push_back(read_reply((*list)[i], name_of_element(list_where, i), counters));
  }
  return replies;
}

RateMax read_rate_max(const Json &value, Counters &counters) {
  Fields fields(value, "rate_max");
  RateMax rate;
  if (fields.find("per_second") == nullptr) fields.fail("per_second", "a rate limit needs it");
  rate.per_second = fields.number("per_second", 0, 1e-3, 1e9);
  rate.burst = fields.number("burst", std::max(1.0, rate.per_second), 1, 1e9);
  Json reply = {{"status", 503U}, {"body", ""}};
  for (const char *name : {"status", "reason", "headers", "body", "connection_close"}) {
    if (const Json *field = fields.find(name)) reply[name] = *field;
  }
  fields.finish();
  rate.reply = read_reply(reply, "rate_max", counters);
  return rate;
}

SignatureRule read_signature(const Json &value) {
  Fields fields(value, "signature");
  SignatureRule rule;
  rule.region = fields.text("region").value_or("us-east-1");
  rule.access_key_id = fields.text("access_key_id").value_or("");
  rule.secret_access_key = fields.text("secret_access_key").value_or("");
  rule.session_token = fields.text("session_token").value_or("");
  rule.is_expired = fields.flag("expired", false);
  rule.skew_max_s = fields.number("skew_max_s", rule.skew_max_s, -1, 1e9);
  fields.finish();
  return rule;
}

AcceptFault read_accept_fault(const Json &value, const std::string &where, Counters &counters) {
  static const std::vector<std::string> kTypes = {"reset", "close", "stall", "stray", "banner", "delay"};
  Fields fields(value, where);
  AcceptFault fault;
  if (fields.find("type") == nullptr) fields.fail("type", "a fault at accept needs a type, such as \"reset\"");
  const std::size_t type = fields.choice("type", 0, kTypes);
  fault.type = static_cast<AcceptFault::Type>(type);
  fault.address = fields.text("address").value_or("");
  fault.count = fields.integer("count", 0, 0, kSizeMax);
  fault.share = fields.number("share", 1, 0, 1);
  if (fault.type == AcceptFault::Type::kDelay) fault.after_ms = fields.number("ms", 0, 0, kMsMax);
  if (fault.type == AcceptFault::Type::kStray) fault.payload = fields.bytes("payload").value_or(kPoison);
  if (fault.type == AcceptFault::Type::kBanner) {
    fault.payload = fields.bytes("payload").value_or("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
  }
  fields.finish();
  fault.counter = counters.intern("injected." + kTypes[type] + ".accept");
  return fault;
}

void read_accept(const Json &value, Script &script, Counters &counters) {
  static const std::vector<std::string> kListeners = {"http", "https", "https_expired", "https_self_signed",
                                                      "https_wrong_host"};
  Fields fields(value, "accept");
  for (const std::string &listener : kListeners) {
    const Json *faults = fields.find(listener);
    if (faults == nullptr) continue;
    const bool is_list = faults->is_array();
    for (std::size_t i = 0; i < (is_list ? faults->size() : 1); ++i) {
      const std::string where = is_list ? name_of_element(fields.name_of(listener), i) : fields.name_of(listener);
      script.accept[listener].push_back(read_accept_fault(is_list ? (*faults)[i] : *faults, where, counters));
    }
  }
  fields.finish();
}

void read_paths(const Json &value, Script &script, Counters &counters) {
  if (!value.is_object()) throw ScriptError("paths: must be a JSON object of path to reply");
  for (const auto &[path, reply] : value.items()) {
    if (path.empty() || path[0] != '/') throw ScriptError("paths." + path + ": a path begins with /");
    ReplyList replies = read_reply_list(reply, "paths." + path, counters);
    if (path.back() == '*') {
      script.prefixes.emplace_back(percent_decoded(path.substr(0, path.size() - 1)), std::move(replies));
    } else {
      script.exact[percent_decoded(path)] = std::move(replies);
    }
  }
  std::sort(script.prefixes.begin(), script.prefixes.end(),
            [](const auto &left, const auto &right) { return left.first.size() > right.first.size(); });
}

}  // namespace

Script read_script(std::string_view json_text, Counters &counters) {
  Json value;
  try {
    value = Json::parse(json_text);
  } catch (const Json::parse_error &error) {
    throw ScriptError("script: not JSON: " + std::string(error.what()));
  }
  Script script;
  Fields fields(value, "");
  script.seed = fields.integer("seed", 1, 0, UINT64_MAX);
  if (const Json *latency = fields.find("latency")) script.latency = read_latency(*latency, "latency");
  if (const Json *rate = fields.find("rate_max")) script.rate_max = read_rate_max(*rate, counters);
  if (const Json *signature = fields.find("signature")) script.signature = read_signature(*signature);
  if (const Json *slow_down = fields.find("slow_down")) {
    Fields slow_fields(*slow_down, "slow_down");
    script.slow_down_factor = slow_fields.number("factor", 1, 0, 1e6);
    slow_fields.finish();
  }
  script.has_service_times = fields.flag("service_times", false);
  if (const Json *paths = fields.find("paths")) read_paths(*paths, script, counters);
  if (const Json *fallback = fields.find("default")) {
    script.fallback = read_reply_list(*fallback, "default", counters);
  }
  if (const Json *accept = fields.find("accept")) read_accept(*accept, script, counters);
  fields.finish();
  return script;
}

ReplyList &Script::replies_of(const std::string &path) {
  const auto found = exact.find(path);
  if (found != exact.end()) return found->second;
  for (auto &[prefix, replies] : prefixes) {
    if (path.compare(0, prefix.size(), prefix) == 0) return replies;
  }
  return fallback;
}

std::string_view reason_of(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 24> kReasons = {{
      {200, "OK"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {412, "Precondition Failed"},
      {416, "Range Not Satisfiable"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (const auto &[known, reason] : kReasons) {
    if (known == status) return reason;
  }
  return "Status";
}

}  // namespace octo::origin
