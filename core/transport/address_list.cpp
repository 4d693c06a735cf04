// Ordering addresses and remembering endpoints, for address_list.hpp.
#include "transport/address_list.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace octo {
namespace {

bool is_v6(const std::string &address) noexcept { return address.find(':') != std::string::npos; }

}  // namespace

bool is_numeric_address(const std::string &text) noexcept {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

std::vector<std::string> in_turns(const std::vector<std::string> &addresses) {
  std::vector<std::string> unique;
  for (const std::string &address : addresses) {
    if (unique.size() == kAddressesMax) break;
    if (std::find(unique.begin(), unique.end(), address) == unique.end()) unique.push_back(address);
  }
  std::vector<std::string> ordered;
  std::size_t next[2] = {0, 0};
  bool wants_v6 = !unique.empty() && is_v6(unique.front());
  while (ordered.size() < unique.size()) {
    std::size_t &position = next[wants_v6 ? 1 : 0];
    while (position < unique.size() && is_v6(unique[position]) != wants_v6) ++position;
    if (position < unique.size()) ordered.push_back(unique[position++]);
    wants_v6 = !wants_v6;
  }
  return ordered;
}

std::vector<EndpointRef> EndpointTable::endpoints(const std::vector<std::string> &addresses) {
  std::erase_if(known_, [](const std::weak_ptr<Endpoint> &known) { return known.expired(); });
  std::vector<EndpointRef> endpoints;
  endpoints.reserve(addresses.size());
  known_.reserve(known_.size() + addresses.size());
  for (const std::string &address : addresses) {
    EndpointRef endpoint = find(address);
    if (endpoint == nullptr) {
      endpoint = std::make_shared<Endpoint>();
      endpoint->address = address;
      endpoint->port = port_;
      endpoint->text = (is_v6(address) ? "[" + address + "]" : address) + ":" + std::to_string(port_);
      known_.push_back(endpoint);
    }
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

EndpointRef EndpointTable::find(const std::string &address) const noexcept {
  for (const std::weak_ptr<Endpoint> &known : known_) {
    EndpointRef endpoint = known.lock();
    if (endpoint != nullptr && endpoint->address == address) return endpoint;
  }
  return nullptr;
}

}  // namespace octo
