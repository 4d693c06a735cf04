// The JSON explanation: the summary of a batch and every request of it, for programs.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/printable.hpp"
#include "batch/explain.hpp"
#include "batch/summary_json.hpp"
#include "batch/view.hpp"

namespace octo {
namespace {

// Keeps fields in the order they are written, so that a person finds the state before the requests.
using Json = nlohmann::ordered_json;

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool is_padding = at + i > bytes.size();
      text += is_padding ? '=' : kAlphabet[(group >> (18 - 6 * i)) & 63];
    }
  }
  return text;
}

Json request_json(const RequestView &view) {
  Json json = Json::object();
  if (is_utf8(view.key)) {
    json["key"] = view.key;
  } else {
    json["key_base64"] = base64(view.key);
  }
  json["status"] = status_name(view.status);
  json["settled"] = view.settled;
  json["source"] = verdict_of(view.status) == Verdict::ok ? Json(source_name(view.source)) : Json(nullptr);
  json["phase"] = phase_name(view.phase);
  json["http_status"] = view.http_status;
  json["attempts"] = view.attempts;
  json["address"] = view.address;
  json["reused"] = view.reused;
  json["bytes"] = view.bytes_received;
  json["settled_us"] = view.settled_us;
  json["since_us"] = view.since_us;
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    json[std::string(phase_name(static_cast<Phase>(i))) + "_us"] = view.phase_us[i];
  }
  json["message"] = view.message;
  json["error_code"] = view.error_code;
  json["request_id"] = view.request_id;
  json["extended_request_id"] = view.extended_request_id;
  return json;
}

Json attempt_json(const AttemptView &view) {
  Json json = {{"request", view.start.index},
               {"number", view.start.number},
               {"cause", attempt_cause_name(view.start.cause)},
               {"status", status_name(view.end.status)},
               {"settled", view.settled},
               {"phase", phase_name(view.end.phase)},
               {"http_status", view.end.http_status},
               {"address", view.address},
               {"reused", view.end.reused},
               {"bytes", view.end.bytes_received},
               {"started_us", view.start.at_us},
               {"since_us", view.end.since_us},
               {"ended_us", view.end.at_us}};
  for (auto i = static_cast<std::size_t>(Phase::connecting); i < kPhaseCount; ++i) {
    json[std::string(phase_name(static_cast<Phase>(i))) + "_us"] = view.end.phase_us[i];
  }
  return json;
}

}  // namespace

std::string explain_json(Batch &batch) {
  const BatchSummary summary = summarize(batch);
  Json json = {{"v", 1},
               {"state", status_name(status_of(summary.state))},
               {"budget_us", summary.budget_us},
               {"frozen_us", summary.frozen_us},
               {"pickup_lag_us", summary.pickup_lag_us},
               {"body_bytes", summary.body_bytes},
               {"counts", counts_json(summary)}};
  Json requests = Json::array();
  for (std::uint32_t i = 0; i < batch.request_count(); ++i) requests.push_back(request_json(view_request(batch, i)));
  json["requests"] = std::move(requests);
  if (batch.attempt_log() != nullptr) {
    Json attempts = Json::array();
    for (std::uint32_t i = 0; i < summary.attempt_count; ++i) attempts.push_back(attempt_json(view_attempt(batch, i)));
    json["attempts"] = std::move(attempts);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace octo
