// The addresses of an answer in the order to try them, and the Endpoint that stands for each as long as anybody uses
// it. I/O thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/endpoint.hpp"

namespace octo {

inline constexpr std::size_t kAddressesMax = 64;

// True for "192.0.2.7" and "2001:db8::1".
bool is_numeric_address(const std::string &text) noexcept;

// Without duplicates, the families taking turns from that of the first (RFC 8305 section 4), at most kAddressesMax: a
// family that is broken must not come first a dozen times.
std::vector<std::string> in_turns(const std::vector<std::string> &addresses);

class EndpointTable {
 public:
  explicit EndpointTable(std::uint16_t port) noexcept : port_(port) {}
  // One for each address; an address that somebody still uses keeps its Endpoint.
  std::vector<EndpointRef> endpoints(const std::vector<std::string> &addresses);

 private:
  EndpointRef find(const std::string &address) const noexcept;

  const std::uint16_t port_;
  std::vector<std::weak_ptr<Endpoint>> known_;
};

}  // namespace octo
