// Builds the JSON of json_output.hpp. Everything but ASCII is escaped, so a terminal can be shown it as it is.
#include "json_output.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base64.hpp"
#include "utf8.hpp"

namespace octo::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

std::string dumped(const Json &json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

Json text_or_null(const char *text) { return *text == '\0' ? Json() : Json(text); }

Json headers_of(octo_batch *batch, std::size_t index) {
  Json headers = Json::object();
  const char *name = nullptr;
  const char *value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; octo_result_header_at(batch, index, i, &name, &value, &size) == OCTO_OK; ++i) {
    headers[name] = std::string(value, size);
  }
  return headers;
}

Json timings_of(const octo_result &result) {
  return {{"settled", result.settled_us},     {"since", result.since_us},           {"queued", result.queued_us},
          {"resolving", result.resolving_us}, {"connecting", result.connecting_us}, {"securing", result.securing_us},
          {"waiting", result.waiting_us},     {"receiving", result.receiving_us}};
}

void add_result(Json &entry, octo_batch *batch, std::size_t index, const Outcome &outcome, const JsonStyle &style) {
  const octo_result &result = outcome.result;
  const auto flag = [&](std::uint32_t bit) { return (result.flags & bit) != 0; };
  entry["index"] = index;
  if (is_utf8(outcome.key())) {
    entry["key"] = outcome.key();
  } else {
    entry["key_base64"] = base64(outcome.key());
  }
  entry["status"] = octo_status_name(result.status);
  entry["settled"] = outcome.is_settled();
  entry["source"] = outcome.is_ok() ? Json(octo_source_name(result.source)) : Json();
  entry["http_status"] = result.http_status == 0 ? Json() : Json(result.http_status);
  entry["phase"] = octo_phase_name(result.phase);
  entry["attempts"] = result.attempts;
  entry["reused"] = flag(OCTO_RESULT_REUSED);
  entry["hedged"] = flag(OCTO_RESULT_HEDGED);
  entry["address"] = text_or_null(result.address);
  entry["message"] = text_or_null(result.message);
  entry["error_code"] = text_or_null(result.error_code);
  entry["request_id"] = text_or_null(result.request_id);
  entry["extended_request_id"] = text_or_null(result.extended_request_id);
  entry["size"] = result.body_size;
  entry["bytes_received"] = result.bytes_received;
  entry["object_size"] = flag(OCTO_RESULT_PARTIAL) ? Json(result.object_size) : Json();
  entry["timings_us"] = timings_of(result);
  entry["headers"] = headers_of(batch, index);
  if (style.writes_files) {
    entry["written"] = result.status == OCTO_OK && outcome.output_error.empty();
    entry["output_error"] = text_or_null(outcome.output_error.c_str());
  }
  if (style.has_bodies && result.status == OCTO_OK) entry["body_base64"] = base64(outcome.body());
}

Json batch_of(const octo_batch_info &info) {
  return {{"state", octo_status_name(info.state)},
          {"requests", info.request_count},
          {"settled", info.settled_count},
          {"ok", info.ok_count},
          {"missing", info.missing_count},
          {"late", info.late_count},
          {"failed", info.failed_count},
          {"budget_us", info.budget_us},
          {"frozen_us", info.frozen_us},
          {"pickup_lag_us", info.pickup_lag_us},
          {"body_size", info.body_size}};
}

}  // namespace

std::string json_line(octo_batch *batch, std::size_t index, const Outcome &outcome, const JsonStyle &style) {
  Json line = {{"v", kVersion}, {"type", "result"}};
  add_result(line, batch, index, outcome, style);
  return dumped(line) + '\n';
}

std::string json_last_line(const octo_batch_info &info) {
  Json line = {{"v", kVersion}, {"type", "batch"}};
  line.update(batch_of(info));
  return dumped(line) + '\n';
}

void write_json(OutputStream &stream, octo_batch *batch, const octo_batch_info &info, std::span<const Outcome> outcomes,
                const JsonStyle &style) {
  stream.write("{\"v\":" + std::to_string(kVersion) + ",\"batch\":" + dumped(batch_of(info)) + ",\"results\":[");
  for (std::size_t index = 0; index < outcomes.size(); ++index) {
    Json entry = Json::object();
    add_result(entry, batch, index, outcomes[index], style);
    stream.write(index == 0 ? "\n" : ",\n");
    stream.write(dumped(entry));
  }
  stream.write("\n]}\n");
}

}  // namespace octo::cli
