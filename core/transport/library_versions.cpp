// Asks libcurl and libuv for library_versions.hpp.
#include "transport/library_versions.hpp"

#include <curl/curl.h>
#include <uv.h>

namespace octo {

std::string library_versions() {
  const curl_version_info_data *curl = ::curl_version_info(CURLVERSION_NOW);
  std::string tls = curl->ssl_version == nullptr ? "no TLS" : curl->ssl_version;
  if (const std::size_t slash = tls.find('/'); slash != std::string::npos) tls[slash] = ' ';
  return std::string("libcurl ") + curl->version + " " + tls + " libuv " + ::uv_version_string();
}

}  // namespace octo
