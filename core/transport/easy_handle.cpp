// What libcurl is told about every exchange of a client, for easy_handle.hpp: whatever its defaults would decide
// otherwise. What differs from one exchange to the next is in transfer_options.cpp.
#include "transport/easy_handle.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "transport/curl_library.hpp"

namespace octo {
namespace {

constexpr long kConnectionLifetimeSecondsMax = 300;

long seconds_up(Duration span) noexcept {
  return std::max<long>(1, static_cast<long>(std::chrono::ceil<std::chrono::seconds>(span).count()));
}

long milliseconds_up(Duration span) noexcept {
  return std::max<long>(1, static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(span).count()));
}

}  // namespace

std::unique_ptr<EasyHandle> EasyHandle::make(const TransportConfig &config, CURLSH *share) {
  std::unique_ptr<EasyHandle> handle(new EasyHandle);
  handle->curl_ = ::curl_easy_init();
  if (handle->curl_ == nullptr || !handle->set_options(config, share)) return nullptr;
  return handle;
}

EasyHandle::~EasyHandle() {
  ::curl_easy_cleanup(curl_);
  ::curl_slist_free_all(connect_to_);
}

bool EasyHandle::set_options(const TransportConfig &config, CURLSH *share) noexcept {
  bool is_set = true;
  const auto set_one = [&](CURLoption option, auto value) { is_set = set(option, value) && is_set; };
  set_one(CURLOPT_PRIVATE, static_cast<void *>(this));
  set_one(CURLOPT_ERRORBUFFER, error_text_.data());
  // A guest in somebody's process: no signals, no environment, no files.
  set_one(CURLOPT_NOSIGNAL, 1L);
  set_one(CURLOPT_PROXY, "");
  set_one(CURLOPT_NOPROXY, "*");
  set_one(CURLOPT_QUICK_EXIT, 1L);
  // One request, one response, of the origin alone.
  set_one(CURLOPT_PROTOCOLS_STR, "http,https");
  set_one(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set_one(CURLOPT_HTTP09_ALLOWED, 0L);
  set_one(CURLOPT_FOLLOWLOCATION, 0L);
  set_one(CURLOPT_PATH_AS_IS, 1L);
  set_one(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set_one(CURLOPT_USERAGENT, config.user_agent.c_str());
  // TLS: the trust store comes with the SSL context, and libcurl must not read the system's bundle beside it.
  set_one(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set_one(CURLOPT_SSL_VERIFYPEER, 1L);
  set_one(CURLOPT_SSL_VERIFYHOST, 2L);
  set_one(CURLOPT_CAINFO, static_cast<char *>(nullptr));
  set_one(CURLOPT_CAPATH, static_cast<char *>(nullptr));
  set_one(CURLOPT_SHARE, share);
  // Connections. No CURLOPT_TIMEOUT: the scheduler knows the deadlines and cancels.
  set_one(CURLOPT_TCP_NODELAY, 1L);
  set_one(CURLOPT_CONNECTTIMEOUT_MS, milliseconds_up(config.connect_timeout));
  set_one(CURLOPT_MAXAGE_CONN, seconds_up(config.idle_max));
  set_one(CURLOPT_MAXLIFETIME_CONN, kConnectionLifetimeSecondsMax);
  set_one(CURLOPT_BUFFERSIZE, transfer_buffer_bytes());
  return is_set;
}

// Host and port are left empty, which matches whatever the URL says. libcurl looks up nothing, and keeps a pool for each
// address.
bool EasyHandle::set_endpoint(const EndpointRef &endpoint) {
  if (endpoint == endpoint_) return true;
  const std::string line = "::" + endpoint->text;
  curl_slist *fresh = ::curl_slist_append(nullptr, line.c_str());
  if (fresh == nullptr) return false;
  // libcurl reads the list when a transfer starts, and the last one is over.
  const bool is_set = set(CURLOPT_CONNECT_TO, fresh);
  ::curl_slist_free_all(connect_to_);
  connect_to_ = fresh;
  endpoint_ = is_set ? endpoint : nullptr;
  return is_set;
}

}  // namespace octo
