// The transport that sends: exchanges on libcurl, driven by the engine's libuv loop.
//
// The owner turns the loop and calls deliver() after each turn; ends are told from there alone. It pauses the owner's
// visit while the loop waits for I/O. It chooses no address, keeps no deadline and repeats nothing. Made, used and
// destroyed on the I/O thread.
#pragma once

#include <uv.h>

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "metrics/counters.hpp"
#include "transport/config.hpp"
#include "transport/loop_handles.hpp"
#include "transport/seam.hpp"
#include "transport/shard.hpp"
#include "transport/trust_store.hpp"

namespace octo {

class CurlTransport final : public Transport {
 public:
  // Whether the libcurl of this process is fit for it. Any thread.
  static Result<Done> check_libcurl();

  // All references outlive the transport; `trust_store` is null for http alone.
  static Result<std::unique_ptr<CurlTransport>> open(uv_loop_t *loop, LibraryVisit &visit,
                                                     const TransportConfig &config, const Clock &clock, Ledger &ledger,
                                                     Counters &counters, std::shared_ptr<TrustStore> trust_store);
  CurlTransport(uv_loop_t *loop, LibraryVisit &visit, const TransportConfig &config, const Clock &clock, Ledger &ledger,
                Counters &counters, std::shared_ptr<TrustStore> trust_store);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport &) = delete;
  CurlTransport &operator=(const CurlTransport &) = delete;

  Exchange *start(const ExchangeRequest &request, ExchangeEvents &events) noexcept override;
  void cancel(Exchange *exchange) noexcept override;
  void close_idle() noexcept override;
  std::uint32_t connections_open() const noexcept override;
  std::uint32_t connections_idle() const noexcept override;

  // After each turn of the loop, outside of its callbacks: lets libcurl act where it is due, then tells every end.
  // True when an exchange ended.
  bool deliver() noexcept;

  // Cancels everything. The loop must turn until is_closed(); only then may the transport be destroyed.
  void close() noexcept;
  bool is_closed() const noexcept { return is_closing_ && handles_.is_empty(); }

 private:
  Shard *pick_shard(const ExchangeRequest &request);
  void end(Shard &shard, Transfer &transfer) noexcept;
  void publish_gauges() noexcept;

  const std::shared_ptr<TrustStore> trust_store_;
  const TransportParts parts_;
  const std::size_t shards_max_;
  LoopHandles handles_;
  std::vector<std::unique_ptr<Shard>> shards_;
  bool is_closing_ = false;
};

}  // namespace octo
