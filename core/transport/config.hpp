// What a transport must know of its client: fixed when the engine starts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace octo {

struct TransportConfig {
  bool secure = false;  // https
  bool is_s3 = false;   // error documents are those of S3
  std::string host;     // as in the URL, without brackets: the name for SNI, certificate check and Host
  std::uint16_t port = 0;
  std::string url_authority;  // "https://host:port": every URL is this and a target that begins with '/'
  std::string user_agent;
  std::vector<std::string> headers;    // the client's, as "Name: value"
  std::vector<std::string> addresses;  // instead of lookups; empty for none
  std::uint32_t connections_max = 64;
  std::uint64_t object_size_max = 32u << 20;
  Duration connect_timeout = 1s;
  Duration idle_max = 10s;        // idle connections older than this are not reused
  bool unframed_allowed = false;  // accept a body that neither Content-Length nor chunks delimit
};

}  // namespace octo
