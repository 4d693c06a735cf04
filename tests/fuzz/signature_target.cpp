// Requests of any key, query and headers, signed with any credentials: the lines for the wire are whole lines, the same
// each time, and never hold the secret.
//
// An input is lines: access key id, secret, session token, region, host, key, query, Unix time, and then headers as
// "Name: value"; a vertical tab in a line stands for a line feed.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "auth/sigv4.hpp"
#include "base/url.hpp"
#include "client/header_rules.hpp"
#include "require.hpp"
#include "target.hpp"

namespace octo::fuzz {
namespace {

struct Signable {
  std::string id, secret, token, region, host, key, query;
  std::chrono::sys_seconds now;
  std::vector<std::string> headers;  // those that a caller may set
};

// A line, in which a vertical tab stands for a line feed.
std::string read_line(Input &input) {
  std::string line(input.line());
  std::replace(line.begin(), line.end(), '\v', '\n');
  return line;
}

Signable read(Input &input) {
  Signable made;
  for (std::string *part : {&made.id, &made.secret, &made.token, &made.region, &made.host, &made.key, &made.query}) {
    *part = read_line(input);
  }
  const std::uint64_t time = number(input.line());
  made.now = std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(time % (std::uint64_t{1} << 62))));
  while (!input.is_empty() && made.headers.size() < kBatchHeadersMax) {
    const std::string text = read_line(input);
    Input line(text);
    const std::string_view name = line.until(':');
    auto checked = header_line(name, line.rest(), false);
    if (checked.is_ok()) made.headers.push_back(std::move(checked.value()));
  }
  return made;
}

std::string target_of(const Signable &request) {
  std::string target;
  if (auto made = encode_target("", request.key, true); made.is_ok()) target = std::move(made.value());
  if (target.empty()) return target;
  if (is_url_query(request.query) && !request.query.empty()) target += "?" + canonical_query(request.query);
  return target;
}

void check_line(const std::string &line) {
  const std::size_t colon = line.find(": ");
  require(colon != std::string::npos && colon != 0, "what is added is header lines", line);
  for (const char byte : line) {
    require(static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f, "a header line has no control byte", line);
  }
}

std::size_t count_of(std::string_view text, char wanted) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), wanted));
}

// The lines of a canonical request are counted by its grammar; a value that smuggles a line in would add one.
void check_canonical(const Signable &request, const std::string &target, const std::vector<HeaderField> &fields) {
  const CanonicalRequest canonical = canonical_request("GET", target, fields, kEmptyPayloadSha256);
  std::set<std::string> names;
  for (const HeaderField &field : fields) {
    std::string name(field.name);
    for (char &byte : name) byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
    names.insert(name);
  }
  require(count_of(canonical.text, '\n') == names.size() + 5, "each name has one line", canonical.text);
  require(count_of(canonical.signed_headers, ';') + 1 == std::max<std::size_t>(1, names.size()), "and is listed once",
          canonical.signed_headers);
  const std::string query = canonical_query(request.query);
  require(canonical_query(query) == query, "a canonical query is one already", query);
  require(is_url_query(query), "a canonical query can stand in a URL", query);
}

bool holds(const std::vector<std::string> &lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string &line) { return line.find(text) != std::string::npos; });
}

// A short secret occurs by chance, and one that stands in the lines of another secret as well comes from elsewhere.
void check_secret(const Signable &request, const SignableRequest &signable, const std::vector<std::string> &lines) {
  if (request.secret.size() < 20 || !holds(lines, request.secret)) return;
  const auto other = make_credentials({request.id, "another", request.token, {}});
  require(other.is_ok(), "another secret is as good");
  Signer signer{request.region};
  const auto others = signer.sign(signable, other.value(), request.now, std::chrono::seconds(0));
  require(others.is_ok() && holds(others.value(), request.secret), "the secret is in no line", request.secret);
}

}  // namespace

void try_input(Input &input) {
  const Signable request = read(input);
  const auto credentials = make_credentials({request.id, request.secret, request.token, {}});
  const std::string target = target_of(request);
  if (!credentials.is_ok()) {
    require_sentence(credentials.failure().text, 300);
    return;
  }
  // A region and a host have passed the checks of a client.
  const auto host = parse_origin_url("http://" + request.host);
  const bool is_region = std::all_of(request.region.begin(), request.region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (target.empty() || !host.is_ok() || !is_region) return;
  const std::vector<HeaderField> fields = fields_to_sign(request.headers);
  check_canonical(request, target, fields);
  const SignableRequest signable{"GET", host.value().host, target, fields};
  Signer signer{request.region};
  const auto lines = signer.sign(signable, credentials.value(), request.now, std::chrono::seconds(0));
  if (!lines.is_ok()) return require_sentence(lines.failure().text, 300);
  require(signer.sign(signable, credentials.value(), request.now, std::chrono::seconds(0)).value() == lines.value(),
          "the same is signed alike with a key that is remembered");
  Signer other{request.region};
  require(other.sign(signable, credentials.value(), request.now, std::chrono::seconds(0)).value() == lines.value(),
          "and by another signer");
  require(lines.value().size() == (request.token.empty() ? 3U : 4U), "no line is missing");
  for (const std::string &line : lines.value()) check_line(line);
  check_secret(request, signable, lines.value());
}

}  // namespace octo::fuzz
