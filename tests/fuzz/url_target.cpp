// URLs and keys of any bytes: what is sent goes to the configured origin and nowhere else, as libcurl reads it.
//
// An input is a URL, a line of s3 options ("region endpoint addressing dual-stack"), and the key.
#include <arpa/inet.h>
#include <curl/curl.h>

#include <cstring>
#include <memory>
#include <string>

#include "base/s3_endpoint.hpp"
#include "base/url.hpp"
#include "require.hpp"
#include "target.hpp"

namespace octo::fuzz {
namespace {

std::string part(CURLU *url, CURLUPart which, unsigned flags = 0) {
  char *text = nullptr;
  const CURLUcode code = ::curl_url_get(url, which, &text, flags);
  std::string copy(code == CURLUE_OK ? text : "");
  ::curl_free(text);
  return copy;
}

// A URL as libcurl takes it apart.
struct Parsed {
  Parsed(const std::string &url, unsigned flags)
      : handle(::curl_url(), ::curl_url_cleanup),
        is_valid(::curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), flags) == CURLUE_OK) {
    if (!is_valid) return;
    scheme = part(handle.get(), CURLUPART_SCHEME);
    host = part(handle.get(), CURLUPART_HOST);
    port = part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    path = part(handle.get(), CURLUPART_PATH);
    others = part(handle.get(), CURLUPART_USER) + part(handle.get(), CURLUPART_PASSWORD) +
             part(handle.get(), CURLUPART_QUERY) + part(handle.get(), CURLUPART_FRAGMENT);
  }

  std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)> handle;
  const bool is_valid;
  std::string scheme, host, port, path, others;
};

std::string decoded(const std::string &text) {
  int size = 0;
  char *bytes = ::curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &size);
  require(bytes != nullptr, "a path can be decoded", text);
  std::string copy(bytes, static_cast<std::size_t>(size));
  ::curl_free(bytes);
  return copy;
}

std::string in_lower_case(std::string text) {
  for (char &byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + 32);
  }
  return text;
}

std::string bracketed(const std::string &host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

// Names in any case; addresses by their value, since one has several spellings.
bool is_same_host(std::string configured, const std::string &made) {
  if (!configured.starts_with('[')) return in_lower_case(std::move(configured)) == made;
  in6_addr ours{};
  in6_addr theirs{};
  const bool are_addresses = ::inet_pton(AF_INET6, made.c_str(), &ours) == 1 &&
                             ::inet_pton(AF_INET6, configured.substr(1, configured.size() - 2).c_str(), &theirs) == 1;
  return are_addresses && std::memcmp(&ours, &theirs, sizeof ours) == 0;
}

// The URL of `key` below `origin`; `prefix` is what the path must decode to before the key.
void check_key(const OriginUrl &origin, const std::string &prefix, std::string_view key, bool dots_allowed) {
  const auto target = encode_target(origin.base_path, key, dots_allowed);
  if (!target.is_ok()) {
    require(target.failure().status == Status::invalid_key, "a key is refused as a key");
    require_sentence(target.failure().text, 400);
    return;
  }
  const std::string url = origin.authority + target.value();
  const Parsed sent(url, CURLU_PATH_AS_IS);
  require(sent.is_valid, "libcurl takes the URL of a key", url);
  require(sent.scheme == (origin.secure ? "https" : "http"), "a key does not change the scheme", url);
  require(sent.host == bracketed(origin.host), "a key does not change the host", url);
  require(sent.port == std::to_string(origin.port), "a key does not change the port", url);
  require(sent.others.empty(), "a key makes no user, query or fragment", url);
  require(sent.path == target.value(), "the path is sent as it was made", url);
  require(decoded(sent.path) == prefix + "/" + std::string(key), "the path is the prefix, a slash and the key", url);
  // libcurl resolves dot segments here, as a proxy might.
  if (!dots_allowed) require(Parsed(url, 0).path == target.value(), "no part of the path is resolved away", url);
}

// No refusal repeats what stands before an '@', which may be a password.
void check_refusal(const Failure &failure, const std::string &url) {
  require_sentence(failure.text, 900);
  const std::size_t begin = url.find("://");
  const std::size_t end = url.rfind('@');
  if (begin == std::string::npos || end == std::string::npos || end < begin + 3) return;
  const std::string user = url.substr(begin + 3, end - begin - 3);
  const std::size_t colon = user.find(':');
  const std::string password = colon == std::string::npos ? "" : user.substr(colon + 1);
  // A short one occurs in a sentence by chance, and one that stands elsewhere as well is quoted from there.
  if (password.size() < 12 || url.find(password, begin + 4 + colon + 1) != std::string::npos) return;
  require(failure.text.find(password) == std::string::npos, "a password in a URL is not repeated", failure.text);
}

void check_http(const std::string &url, std::string_view key) {
  const auto origin = parse_origin_url(url);
  if (!origin.is_ok()) return check_refusal(origin.failure(), url);
  const OriginUrl &made = origin.value();
  const Parsed configured(url, CURLU_PATH_AS_IS);
  require(configured.is_valid, "libcurl takes a URL that is taken", url);
  require(configured.scheme == (made.secure ? "https" : "http"), "the scheme is that of the URL", url);
  require(is_same_host(configured.host, made.host), "the host is that of the URL", url);
  require(configured.port == std::to_string(made.port), "the port is that of the URL", url);
  std::string path = configured.path;
  while (!path.empty() && path.back() == '/') path.pop_back();
  require(path == made.base_path, "the base is the path of the URL", url);
  check_key(made, decoded(made.base_path), key, false);
  check_key(made, decoded(made.base_path), key, true);
}

// Of Amazon's own names, by the pattern that the S3 User Guide gives.
bool is_amazon_host(std::string_view host, const S3EndpointOptions &options) {
  const std::string begin = (options.dual_stack ? "s3.dualstack." : "s3.") + std::string(options.region) + ".";
  if (!host.starts_with(begin)) return false;
  const std::string_view domain = host.substr(begin.size());
  for (const char *known : {"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "c2s.ic.gov", "sc2s.sgov.gov",
                            "csp.hci.ic.gov", "cloud.adc-e.uk"}) {
    if (domain == known) return true;
  }
  return false;
}

void check_service(const OriginUrl &origin, const std::string &service, const S3EndpointOptions &options) {
  if (options.endpoint.empty()) {
    require(is_amazon_host(service, options), "Amazon's host is the region's", service);
    require(origin.secure && origin.port == 443, "Amazon is asked over TLS alone");
    return;
  }
  const Parsed configured(std::string(options.endpoint), CURLU_PATH_AS_IS);
  require(configured.is_valid, "libcurl takes an endpoint that is taken", options.endpoint);
  require(is_same_host(configured.host, service), "the host is the endpoint's", service);
  require(configured.port == std::to_string(origin.port), "the port is the endpoint's", options.endpoint);
  require(configured.scheme == (origin.secure ? "https" : "http"), "the scheme is the endpoint's", options.endpoint);
}

void check_s3(const std::string &url, const S3EndpointOptions &options, std::string_view key) {
  const auto resolved = resolve_s3_endpoint(url, options);
  if (!resolved.is_ok()) return check_refusal(resolved.failure(), url);
  const S3Endpoint &endpoint = resolved.value();
  const std::string rest = url.substr(5);
  require(endpoint.bucket == rest.substr(0, rest.find('/')), "the bucket is that of the URL", url);
  std::string prefix = rest.substr(endpoint.bucket.size());
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  std::string service = endpoint.origin.host;
  if (endpoint.addressing == S3Addressing::path) {
    prefix.insert(0, "/" + endpoint.bucket);
  } else {
    require(service.starts_with(endpoint.bucket + "."), "the host begins with the bucket", service);
    service.erase(0, endpoint.bucket.size() + 1);
  }
  check_service(endpoint.origin, service, options);
  require("//" + endpoint.host_header == endpoint.origin.authority.substr(endpoint.origin.authority.find("//")),
          "what is signed as the host is what libcurl sends", endpoint.host_header);
  check_key(endpoint.origin, prefix, key, true);
}

S3Addressing addressing_of(std::string_view word) noexcept {
  if (word == "virtual") return S3Addressing::virtual_host;
  return word == "path" ? S3Addressing::path : S3Addressing::automatic;
}

}  // namespace

void try_input(Input &input) {
  const std::string url(input.line());
  Input words(input.line());
  S3EndpointOptions options;
  options.region = words.word();
  options.endpoint = words.word();
  options.addressing = addressing_of(words.word());
  options.dual_stack = words.word() == "dual";
  // The C boundary gives text that ends at its first NUL.
  if (url.find('\0') != std::string::npos || options.endpoint.find('\0') != std::string_view::npos) return;
  if (url.starts_with("s3://")) {
    check_s3(url, options, input.rest());
  } else {
    check_http(url, input.rest());
  }
}

}  // namespace octo::fuzz
