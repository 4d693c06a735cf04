// Opening a client: its options in the terms of the layers below, for client.hpp.
#include <arpa/inet.h>

#include <algorithm>
#include <new>

#include "base/os_fork.hpp"
#include "base/os_memory.hpp"
#include "base/printable.hpp"
#include "client/client.hpp"
#include "client/header_rules.hpp"
#include "client/origin_target.hpp"
#include "transport/curl_library.hpp"

namespace octo {
namespace {

bool is_address(const std::string &text) noexcept {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

Result<std::vector<std::string>> parse_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string address(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    address.erase(std::remove(address.begin(), address.end(), ' '), address.end());
    if (!is_address(address)) {
      return Failure{Status::invalid_argument,
                     "dns.addresses: '" + printable(address, 64) + "' is not an IPv4 or IPv6 address"};
    }
    addresses.push_back(std::move(address));
  }
  return addresses;
}

Result<TransportConfig> transport_config(const OriginUrl &origin, bool is_s3, const Options &options) {
  TransportConfig config;
  config.secure = origin.secure;
  config.is_s3 = is_s3;
  config.host = origin.host;
  config.port = origin.port;
  config.url_authority = origin.authority;
  config.user_agent = options.text(OptionId::user_agent);
  config.connections_max = options.count(OptionId::connections_max);
  config.object_size_max = options.number(OptionId::object_size_max);
  config.connect_timeout = options.duration(OptionId::connect_timeout);
  config.idle_max = options.duration(OptionId::idle_max);
  config.unframed_allowed = options.flag(OptionId::response_unframed);
  const bool is_exposed = !origin.secure && !is_loopback(origin.host);
  auto headers = header_lines(options.text(OptionId::headers), is_exposed);
  if (!headers.is_ok()) return headers.failure();
  config.headers = std::move(headers.value());
  auto addresses = parse_addresses(options.text(OptionId::dns_addresses));
  if (!addresses.is_ok()) return addresses.failure();
  config.addresses = std::move(addresses.value());
  // Checked as a header, so that no line feed gets into the request.
  if (!header_line("x-user-agent", config.user_agent, false).is_ok()) {
    return Failure{Status::invalid_argument, "user_agent: control bytes or more than 4096 bytes"};
  }
  return config;
}

ScheduleConfig schedule_config(const Options &options) {
  ScheduleConfig config;
  config.slots_max = options.count(OptionId::connections_max);
  config.queue_max = options.count(OptionId::queue_max);
  config.next_address_after = options.duration(OptionId::connect_next_after);
  config.orphan_time_max = options.duration(OptionId::orphan_time_max);
  config.orphan_bytes_max = options.number(OptionId::orphan_size_max);
  config.addresses_fresh = options.duration(OptionId::dns_refresh);
  config.addresses_kept = options.duration(OptionId::dns_keep);
  return config;
}

std::uint64_t memory_max(const Options &options) noexcept {
  const std::uint64_t asked = options.number(OptionId::memory_max);
  if (options.is_set(OptionId::memory_max)) return asked;
  return std::min(asked, std::max<std::uint64_t>(memory_limit_bytes() / 8, 1u << 20));
}

bool has_authorization(const std::vector<std::string> &headers) noexcept {
  return std::any_of(headers.begin(), headers.end(), [](const std::string &line) { return is_authorization(line); });
}

}  // namespace

Result<Ref<Client>> Client::open(std::string_view url, const Options &options) {
  await_visits_at_fork();
  // A fork on another thread would leave a trust store half read, or libcurl half initialised, in the child.
  const LibraryVisit visit;
  auto target = find_target(url, options);
  if (!target.is_ok()) return target.failure();
  OriginUrl origin = std::move(target.value().origin);
  if (auto usable = check_libcurl(); !usable.is_ok()) return usable.failure();
  auto transport = transport_config(origin, target.value().is_s3, options);
  if (!transport.is_ok()) return transport.failure();
  auto config = std::make_shared<EngineConfig>();
  config->transport = std::move(transport.value());
  config->schedule = schedule_config(options);
  config->signing = std::move(target.value().signing);
  config->memory_bytes_max = memory_max(options);
  config->threads_idle = options.duration(OptionId::threads_idle);
  if (config->signing && has_authorization(config->transport.headers)) return authorization_refused();
  if (origin.secure) {
    auto store = TrustStore::load({options.text(OptionId::tls_ca_file), options.text(OptionId::tls_ca_directory),
                                   options.text(OptionId::tls_ca_pem)});
    if (!store.is_ok()) return store.failure();
    config->trust_store = std::move(store.value());
  }
  auto client = Ref<Client>::adopt(new Client(std::move(origin), options, std::move(config)));
  client->credentials_.put(std::move(target.value().credentials));
  return client;
}

Client::Client(OriginUrl origin, Options options, std::shared_ptr<const EngineConfig> config)
    : origin_(std::move(origin)),
      options_(std::move(options)),
      config_(std::move(config)),
      is_exposed_(!origin_.secure && !is_loopback(origin_.host)),
      memory_max_(config_->memory_bytes_max) {
  if (options_.is_set(OptionId::budget)) budget_ns_ = options_.duration(OptionId::budget).count();
}

}  // namespace octo
