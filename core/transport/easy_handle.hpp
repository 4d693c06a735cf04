// A libcurl handle that is kept from exchange to exchange: making one, and setting what all exchanges of a client have in
// common, costs more than a warm exchange's own options.
//
// It belongs to a shard. While an exchange has it, `user` is that exchange's Transfer: the callbacks find it there. I/O
// thread only.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>

#include "transport/config.hpp"
#include "transport/endpoint.hpp"

namespace octo {

class Transfer;

class EasyHandle {
 public:
  // Null when there is no memory for it.
  static std::unique_ptr<EasyHandle> make(const TransportConfig &config, CURLSH *share);
  ~EasyHandle();
  EasyHandle(const EasyHandle &) = delete;
  EasyHandle &operator=(const EasyHandle &) = delete;

  CURL *curl() const noexcept { return curl_; }
  template <typename Value>
  bool set(CURLoption option, Value value) noexcept {
    return ::curl_easy_setopt(curl_, option, value) == CURLE_OK;
  }
  // The address to connect to, whatever the URL says.
  bool set_endpoint(const EndpointRef &endpoint);

  // What libcurl says of the last failure; "" before one.
  char *error_text() noexcept { return error_text_.data(); }

  Transfer *user = nullptr;

 private:
  EasyHandle() = default;
  bool set_options(const TransportConfig &config, CURLSH *share) noexcept;

  CURL *curl_ = nullptr;
  curl_slist *connect_to_ = nullptr;
  EndpointRef endpoint_;  // what connect_to_ names
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace octo
