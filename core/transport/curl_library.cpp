// What curl_version_info says, for curl_library.hpp.
#include "transport/curl_library.hpp"

#include <curl/curl.h>
#include <openssl/crypto.h>

#include <string>
#include <string_view>

namespace octo {
namespace {

constexpr unsigned kVersionMin = 0x075800;
constexpr unsigned kSharedBufferSince = 0x080700;

bool has_protocol(const curl_version_info_data &info, std::string_view name) noexcept {
  for (const char *const *protocol = info.protocols; *protocol != nullptr; ++protocol) {
    if (name == *protocol) return true;
  }
  return false;
}

// The active back end of a libcurl with several stands outside of parentheses. Forks of OpenSSL have names of their
// own, and other structures behind the pointers that the guard and the trust store use.
bool is_openssl(const curl_version_info_data &info) noexcept {
  const std::string_view names = info.ssl_version == nullptr ? "" : info.ssl_version;
  const std::size_t found = names.find("OpenSSL/");
  return found != std::string_view::npos && (found == 0 || names[found - 1] == ' ');
}

// Never undone: other parts of the host may use libcurl.
CURLcode initialised() noexcept {
  static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  return code;
}

}  // namespace

Result<Done> check_libcurl() {
  const curl_version_info_data &info = *::curl_version_info(CURLVERSION_NOW);
  const std::string name = std::string("libcurl ") + info.version;
  if (info.version_num < kVersionMin) {
    return Failure{Status::unsupported, name + " is loaded; octofetch needs 7.88 or later"};
  }
  if ((info.features & CURL_VERSION_THREADSAFE) == 0) {
    return Failure{Status::unsupported,
                   name + " cannot be initialised beside other threads; octofetch needs one built with that"};
  }
  if (!is_openssl(info)) {
    return Failure{Status::unsupported, name + " does TLS with " +
                                            (info.ssl_version == nullptr ? "nothing" : info.ssl_version) +
                                            "; octofetch needs one built with OpenSSL"};
  }
  if (!has_protocol(info, "http") || !has_protocol(info, "https")) {
    return Failure{Status::unsupported, name + " lacks http or https; octofetch needs both"};
  }
  if (const CURLcode code = initialised(); code != CURLE_OK) {
    return Failure{Status::local_resource, name + " did not start: " + ::curl_easy_strerror(code)};
  }
  return Done{};
}

void leave_openssl() noexcept { ::OPENSSL_thread_stop(); }

long transfer_buffer_bytes() noexcept {
  static const bool is_shared = ::curl_version_info(CURLVERSION_NOW)->version_num >= kSharedBufferSince;
  return is_shared ? 64 * 1024 : 16 * 1024;
}

}  // namespace octo
