// A transport and a resolver that do what a test tells them, when it tells them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ledger.hpp"
#include "batch_fixture.hpp"
#include "transport/seam.hpp"

namespace octo {

inline EndpointRef make_endpoint(const std::string &address) {
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->address = address;
  endpoint->port = 80;
  endpoint->text = address + ":80";
  return endpoint;
}

// What was asked, and how far it came. It stays readable after its end.
class FakeExchange final : public Exchange {
 public:
  std::uint64_t bytes_received() const noexcept override { return received; }
  std::optional<std::uint64_t> bytes_left() const noexcept override { return left; }

  EndpointRef endpoint;
  std::string target;
  std::optional<ByteRange> range;
  std::string if_none_match;
  std::size_t header_count = 0;
  bool fresh = false;
  bool head = false;

  bool is_running = true;
  bool is_cancelled = false;
  bool is_connected = false;
  bool is_reused = false;
  Instant started_at{};
  Instant sent_at{};
  std::uint64_t received = 0;
  std::optional<std::uint64_t> left;
  ExchangeEvents *events = nullptr;
};

// An idle connection is taken at the start, as the real one does; else connect() makes one. A connection of an exchange
// that is cancelled or fails closes, any other one becomes idle.
class FakeTransport final : public Transport {
 public:
  FakeTransport(const Clock &clock, Ledger &ledger) : clock_(clock), ledger_(ledger) {}

  Exchange *start(const ExchangeRequest &request, ExchangeEvents &events) noexcept override {
    if (!has_memory) return nullptr;
    auto exchange = std::make_unique<FakeExchange>();
    exchange->endpoint = request.endpoint;
    exchange->target = std::string(request.target);
    exchange->range = request.range;
    exchange->if_none_match = std::string(request.if_none_match);
    exchange->header_count = request.headers == nullptr ? 0 : request.headers->size();
    exchange->fresh = request.fresh_connection;
    exchange->head = request.head;
    exchange->events = &events;
    exchange->started_at = clock_.now();
    Endpoint &endpoint = *request.endpoint;
    if (!request.fresh_connection && endpoint.connections_idle() > 0) {
      ++endpoint.connections_busy;
      exchange->is_reused = true;
      exchange->is_connected = true;
    }
    started.push_back(std::move(exchange));
    running_max = std::max(running_max, running_count());
    return started.back().get();
  }
  void cancel(Exchange *exchange) noexcept override {
    auto &fake = *static_cast<FakeExchange *>(exchange);
    if (!fake.is_running) std::abort();
    fake.is_running = false;
    fake.is_cancelled = true;
    ledger_.discharge(fake.received);
    drop_connection(fake);
  }
  void close_idle() noexcept override {
    ++close_idle_count;
    for (const auto &exchange : started) {
      Endpoint &endpoint = *exchange->endpoint;
      endpoint.connections_open = endpoint.connections_busy;
    }
  }
  std::uint32_t connections_open() const noexcept override { return sum(&Endpoint::connections_open); }
  std::uint32_t connections_idle() const noexcept override {
    return sum(&Endpoint::connections_open) - sum(&Endpoint::connections_busy);
  }

  // What a test makes happen.
  void connecting(FakeExchange &exchange) { exchange.events->on_phase(Phase::connecting, clock_.now()); }
  void securing(FakeExchange &exchange) { exchange.events->on_phase(Phase::securing, clock_.now()); }
  // A connection stands. False when another exchange of the attempt was first; then this one has ended.
  bool connect(FakeExchange &exchange) {
    if (!exchange.is_connected) {
      ++exchange.endpoint->connections_open;
      ++exchange.endpoint->connections_busy;
      exchange.is_connected = true;
    }
    if (!exchange.events->may_send()) {
      end(exchange, Status::cancelled);
      return false;
    }
    exchange.sent_at = clock_.now();
    exchange.events->on_phase(Phase::waiting, clock_.now());
    return true;
  }
  void receive(FakeExchange &exchange, std::uint64_t bytes, std::optional<std::uint64_t> left = std::nullopt) {
    ledger_.charge(bytes);
    exchange.received += bytes;
    exchange.left = left;
    exchange.events->on_phase(Phase::receiving, clock_.now());
  }
  // A complete 200 with what was received and `bytes` more.
  void finish(FakeExchange &exchange, std::uint64_t bytes = 0) {
    ledger_.charge(bytes);
    exchange.received += bytes;
    ExchangeEnd end = make_end(exchange, Status::ok);
    end.http_status = 200;
    const std::string body(exchange.received, 'b');
    if (!end.body.append(body.data(), body.size())) std::abort();
    exchange.is_running = false;
    --exchange.endpoint->connections_busy;
    exchange.events->on_end(std::move(end));
  }
  // A complete answer without a body, such as 404.
  void answer(FakeExchange &exchange, Status status, std::uint32_t http_status) {
    ExchangeEnd end = make_end(exchange, status);
    end.http_status = http_status;
    exchange.is_running = false;
    --exchange.endpoint->connections_busy;
    exchange.events->on_end(std::move(end));
  }
  // Ends without a response; the connection, if there was one, is gone.
  void end(FakeExchange &exchange, Status status, bool may_rerun = false) {
    ExchangeEnd end = make_end(exchange, status);
    end.may_rerun = may_rerun;
    ledger_.discharge(std::exchange(exchange.received, 0));
    exchange.is_running = false;
    drop_connection(exchange);
    exchange.events->on_end(std::move(end));
  }

  FakeExchange &exchange(std::size_t number) { return *started.at(number); }
  FakeExchange &last() { return *started.back(); }
  std::size_t running_count() const {
    return static_cast<std::size_t>(
        std::count_if(started.begin(), started.end(), [](const auto &e) { return e->is_running; }));
  }

  std::vector<std::unique_ptr<FakeExchange>> started;
  std::size_t running_max = 0;
  std::uint32_t close_idle_count = 0;
  bool has_memory = true;

 private:
  ExchangeEnd make_end(const FakeExchange &exchange, Status status) const {
    ExchangeEnd end;
    end.status = status;
    end.connected = exchange.is_connected;
    end.reused = exchange.is_reused;
    end.opened_connection = exchange.is_connected && !exchange.is_reused;
    end.bytes_received = exchange.received;
    const Instant sent_at = exchange.sent_at == Instant{} ? clock_.now() : exchange.sent_at;
    end.durations.connecting = sent_at - exchange.started_at;
    end.durations.waiting = clock_.now() - sent_at;
    return end;
  }
  static void drop_connection(FakeExchange &exchange) {
    if (!std::exchange(exchange.is_connected, false)) return;
    --exchange.endpoint->connections_busy;
    --exchange.endpoint->connections_open;
  }
  std::uint32_t sum(std::uint32_t Endpoint::*member) const {
    std::map<const Endpoint *, std::uint32_t> counts;
    for (const auto &exchange : started) counts[exchange->endpoint.get()] = exchange->endpoint.get()->*member;
    std::uint32_t total = 0;
    for (const auto &[endpoint, count] : counts) total += count;
    return total;
  }

  const Clock &clock_;
  Ledger &ledger_;
};

class FakeResolver final : public Resolver {
 public:
  bool start_lookup(ResolverEvents &events) noexcept override {
    ++asked_count;
    if (!has_threads) return false;
    events_ = &events;
    return true;
  }

  bool is_asked() const { return events_ != nullptr; }
  // Addresses that were named before keep their endpoint.
  void answer(const std::vector<std::string> &addresses) {
    std::vector<EndpointRef> endpoints;
    for (const std::string &address : addresses) {
      EndpointRef &endpoint = known[address];
      if (endpoint == nullptr) endpoint = make_endpoint(address);
      endpoints.push_back(endpoint);
    }
    std::exchange(events_, nullptr)->on_addresses(std::move(endpoints));
  }
  void fail(Status status = Status::resolve_failed, std::string message = "no such name") {
    std::exchange(events_, nullptr)->on_lookup_failed(status, std::move(message));
  }

  std::map<std::string, EndpointRef> known;
  std::uint32_t asked_count = 0;
  bool has_threads = true;

 private:
  ResolverEvents *events_ = nullptr;
};

}  // namespace octo
