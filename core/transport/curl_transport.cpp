// Spreading exchanges over shards and telling their ends, for curl_transport.hpp.
#include "transport/curl_transport.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "transport/curl_library.hpp"

namespace octo {

Result<Done> CurlTransport::check_libcurl() { return octo::check_libcurl(); }

Result<std::unique_ptr<CurlTransport>> CurlTransport::open(uv_loop_t *loop, LibraryVisit &visit,
                                                           const TransportConfig &config, const Clock &clock,
                                                           Ledger &ledger, Counters &counters,
                                                           std::shared_ptr<TrustStore> trust_store) {
  if (config.secure && trust_store == nullptr) {
    return Failure{Status::internal, "an https transport was opened without a trust store"};
  }
  auto transport =
      std::make_unique<CurlTransport>(loop, visit, config, clock, ledger, counters, std::move(trust_store));
  // From here on the loop knows an address inside, and only close() can undo that.
  transport->handles_.open();
  return transport;
}

CurlTransport::CurlTransport(uv_loop_t *loop, LibraryVisit &visit, const TransportConfig &config, const Clock &clock,
                             Ledger &ledger, Counters &counters, std::shared_ptr<TrustStore> trust_store)
    : trust_store_(std::move(trust_store)),
      parts_{config, clock, ledger, counters, trust_store_.get()},
      shards_max_(std::max<std::size_t>(1, (config.connections_max + kShardConnectionsMax - 1) / kShardConnectionsMax)),
      handles_(loop, visit) {}

CurlTransport::~CurlTransport() { OCTO_ASSERT(handles_.is_empty()); }

Exchange *CurlTransport::start(const ExchangeRequest &request, ExchangeEvents &events) noexcept {
  OCTO_ASSERT(!is_closing_);
  if (is_closing_) return nullptr;
  try {
    Shard *shard = pick_shard(request);
    return shard == nullptr ? nullptr : shard->start(request, events);
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

// A shard with an idle connection to the endpoint, else the one with the least to do.
Shard *CurlTransport::pick_shard(const ExchangeRequest &request) {
  Shard *least = nullptr;
  for (const auto &shard : shards_) {
    if (!request.fresh_connection && shard->occupancy().idle(*request.endpoint) > 0) return shard.get();
    if (least == nullptr || shard->load() < least->load()) least = shard.get();
  }
  const bool has_room = least != nullptr && least->load() < kShardConnectionsMax;
  if (has_room || shards_.size() == shards_max_) return least;
  shards_.reserve(shards_.size() + 1);
  auto shard = std::make_unique<Shard>(parts_, handles_);
  if (!shard->open()) return least;
  shards_.push_back(std::move(shard));
  return shards_.back().get();
}

void CurlTransport::cancel(Exchange *exchange) noexcept {
  auto *transfer = static_cast<Transfer *>(exchange);
  transfer->shard->drop(*transfer);
  publish_gauges();
}

void CurlTransport::close_idle() noexcept {
  for (const auto &shard : shards_) shard->close_idle();
  publish_gauges();
}

std::uint32_t CurlTransport::connections_open() const noexcept {
  std::uint32_t count = 0;
  for (const auto &shard : shards_) count += shard->occupancy().open_count();
  return count;
}

std::uint32_t CurlTransport::connections_idle() const noexcept {
  std::uint32_t count = 0;
  for (const auto &shard : shards_) count += shard->occupancy().idle_count();
  return count;
}

// Ends are told when no shard is inside libcurl, one by one: whoever is told may start and cancel exchanges.
bool CurlTransport::deliver() noexcept {
  handles_.relax();
  ::uv_update_time(handles_.loop());
  for (const auto &shard : shards_) shard->turn();
  bool has_ended = false;
  for (std::size_t index = 0; index < shards_.size(); ++index) {  // NOLINT(modernize-loop-convert): it may grow
    while (Transfer *transfer = shards_[index]->next_finished()) {
      end(*shards_[index], *transfer);
      has_ended = true;
    }
  }
  publish_gauges();
  return has_ended;
}

void CurlTransport::end(Shard &shard, Transfer &transfer) noexcept {
  ExchangeEvents &events = transfer.events();
  ExchangeEnd end = transfer.conclude();
  shard.drop(transfer);
  // Idle connections are the one thing here that can be given up for others.
  if (end.status == Status::local_resource) close_idle();
  publish_gauges();
  events.on_end(std::move(end));
}

void CurlTransport::publish_gauges() noexcept {
  parts_.counters.connections_open.set(connections_open());
  parts_.counters.connections_idle.set(connections_idle());
}

void CurlTransport::close() noexcept {
  if (is_closing_) return;
  is_closing_ = true;
  for (const auto &shard : shards_) shard->close();
  handles_.close();
  publish_gauges();
}

}  // namespace octo
