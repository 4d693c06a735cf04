// Error documents of any bytes: what comes out is bounded and printable, and escaped text comes out as it went in.
#include "base/s3_error.hpp"

#include <string>

#include "base/printable.hpp"
#include "handed_out.hpp"
#include "require.hpp"
#include "target.hpp"

namespace octo::fuzz {
namespace {

bool is_same(const std::optional<S3Error> &a, const std::optional<S3Error> &b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->code == b->code && a->message == b->message && a->request_id == b->request_id && a->host_id == b->host_id &&
         a->region == b->region;
}

void check_document(std::string_view document) {
  const auto error = parse_s3_error(document);
  if (!error) return;
  for (const std::string *text : {&error->code, &error->request_id, &error->host_id, &error->region}) {
    require_escaped(*text, kS3ErrorTokenBytesMax);
  }
  require_escaped(error->message, kS3ErrorMessageBytesMax);
  const std::string wrapped = "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- <Error> -->" + std::string(document);
  if (document.starts_with("\xef\xbb\xbf") || wrapped.size() > kS3ErrorBytesMax) return;
  require(is_same(parse_s3_error(wrapped), error), "what stands before the root changes nothing", document);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    switch (byte) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&#62;"; break;
      case '"': out += "&#x22;"; break;
      default: out.push_back(byte);
    }
  }
  return out;
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// The input as the text of a field, in a document that any XML writer might make of it.
void check_text(std::string_view text) {
  // As many as any entity of them leaves within what is read of one piece.
  constexpr std::size_t kTextBytesMax = 1200;
  text = text.substr(0, kTextBytesMax);
  const std::string body = escaped(text);
  const auto error = parse_s3_error("<Error><Message>" + body + "</Message><Code>Denied</Code></Error>");
  require(error.has_value(), "an error document is one");
  const std::string shown = printable(trimmed(text), kS3ErrorMessageBytesMax);
  require(error->message == shown, "escaped text comes out as it went in", text);
  require(error->code == "Denied", "text does not reach beyond its field", text);
  if (text.find("]]>") != std::string_view::npos) return;
  const auto raw = parse_s3_error("<Error><Message><![CDATA[" + std::string(text) + "]]></Message></Error>");
  require(raw.has_value() && raw->message == shown, "raw text comes out as it went in", text);
}

}  // namespace

void try_input(Input &input) {
  check_document(input.rest());
  check_text(input.rest());
}

}  // namespace octo::fuzz
