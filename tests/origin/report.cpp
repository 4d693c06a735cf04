// Writes the report. Bytes that are not ASCII appear in JSON as the code points U+0080 to U+00FF: nothing is lost.
#include "report.hpp"

#include <nlohmann/json.hpp>

#include "percent.hpp"

namespace octo::origin {

namespace {

using Json = nlohmann::json;

std::string from_bytes(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x80) {
      text.push_back(byte);
    } else {
      text.push_back(static_cast<char>(0xC0 | (value >> 6)));
      text.push_back(static_cast<char>(0x80 | (value & 0x3F)));
    }
  }
  return text;
}

template <typename Visit>
void each_counter(Connections &connections, Visit visit) {
  visit("connections.open", connections.count());
  connections.service().counters().each(visit);
  connections.service().log().each(
      [&](const std::string &path, std::uint64_t count) { visit("requests.path." + percent_encoded(path), count); });
}

Json seen_json(const RequestLog::Seen &seen) {
  RequestHead head;
  std::size_t size = 0;
  const std::string input = seen.raw_head + "\r\n";
  read_request_head(input, head, size);
  Json headers = Json::array();
  for (const auto &[name, value] : head.headers) headers.push_back({from_bytes(name), from_bytes(value)});
  return {{"path", percent_encoded(seen.path)},
          {"count", seen.count},
          {"method", from_bytes(head.method)},
          {"target", from_bytes(head.target)},
          {"headers", std::move(headers)},
          {"listener", seen.listener},
          {"address", seen.address},
          {"connection", seen.connection},
          {"nth_on_connection", seen.nth_on_connection},
          {"at_ms", seen.since_reset_ms}};
}

}  // namespace

std::string report_json(Connections &connections) {
  Json counters = Json::object();
  each_counter(connections, [&](const std::string &name, std::uint64_t value) { counters[name] = value; });
  Json seen = Json::array();
  for (const RequestLog::Seen &request : connections.service().log().seen()) seen.push_back(seen_json(request));
  return Json{{"counters", std::move(counters)}, {"last_requests", std::move(seen)}}.dump() + "\n";
}

std::string report_text(Connections &connections) {
  std::string text;
  each_counter(connections, [&](const std::string &name, std::uint64_t value) {
    text.append(name).append(" ").append(std::to_string(value)).append("\n");
  });
  return text;
}

std::string service_times_text(Connections &connections) {
  const std::vector<ServiceTimes::Entry> &entries = connections.service().service_times().entries();
  std::string text;
  text.reserve(entries.size() * 64);
  for (const ServiceTimes::Entry &entry : entries) {
    text.append(std::to_string(entry.at_ns)).append(" ").append(std::to_string(entry.ms)).append(" ");
    text.append(std::to_string(entry.status)).append(" ").append(percent_encoded(entry.path)).append("\n");
  }
  return text;
}

}  // namespace octo::origin
