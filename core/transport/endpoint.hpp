// One address of the origin, and how many connections to it are open.
//
// Every exchange names its endpoint, so that the scheduler, and not libcurl, chooses addresses. I/O thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace octo {

struct Endpoint {
  std::string address;  // "192.0.2.7" or "2001:db8::1"
  std::uint16_t port = 0;
  std::string text;  // "192.0.2.7:443" or "[2001:db8::1]:443", as people and libcurl read it
  // Written by the transport alone.
  std::uint32_t connections_open = 0;
  std::uint32_t connections_busy = 0;

  std::uint32_t connections_idle() const noexcept { return connections_open - connections_busy; }
};

// Shared, because exchanges in flight may use an address that the last lookup no longer names.
using EndpointRef = std::shared_ptr<Endpoint>;

}  // namespace octo
