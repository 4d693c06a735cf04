// A transport whose exchanges take as long as a latency model says, on a clock that the simulation moves.
#pragma once

#include <cstdlib>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "fake_clock.hpp"
#include "latency.hpp"
#include "transport/seam.hpp"

namespace octo {

class SimTransport final : public Transport {
 public:
  SimTransport(const FakeClock &clock, Latency &latency) : clock_(clock), latency_(latency) {}

  Exchange *start(const ExchangeRequest &request, ExchangeEvents &events) noexcept override {
    auto exchange = std::make_shared<SimExchange>();
    exchange->events = &events;
    exchange->endpoint = request.endpoint;
    exchange->started_at = clock_.now();
    Endpoint &endpoint = *request.endpoint;
    Duration connect{};
    if (endpoint.connections_idle() > 0) {
      exchange->is_reused = true;
    } else {
      ++connections_opened;
      ++endpoint.connections_open;
      connect = latency_.model().connect;
    }
    ++endpoint.connections_busy;
    endpoint_ = request.endpoint;
    schedule(exchange, clock_.now() + connect);
    exchange->self = exchange;
    return exchange.get();
  }
  void cancel(Exchange *exchange) noexcept override {
    auto &gone = *static_cast<SimExchange *>(exchange);
    ++cancelled;
    --gone.endpoint->connections_busy;
    --gone.endpoint->connections_open;
    gone.events = nullptr;
    gone.self.reset();
  }
  void close_idle() noexcept override {
    if (endpoint_ != nullptr) endpoint_->connections_open = endpoint_->connections_busy;
  }
  std::uint32_t connections_open() const noexcept override {
    return endpoint_ == nullptr ? 0 : endpoint_->connections_open;
  }
  std::uint32_t connections_idle() const noexcept override {
    return endpoint_ == nullptr ? 0 : endpoint_->connections_idle();
  }

  Instant next_at() const { return due_.empty() ? kNever : due_.top().at; }
  // Everything that happens until now.
  void deliver() {
    while (!due_.empty() && due_.top().at <= clock_.now()) {
      const std::shared_ptr<SimExchange> exchange = due_.top().exchange;
      due_.pop();
      if (exchange->events == nullptr) continue;
      exchange->is_sent ? finish(*exchange) : send(exchange);
    }
  }

  std::uint64_t connections_opened = 0;
  std::uint64_t cancelled = 0;

 private:
  struct SimExchange final : public Exchange {
    std::uint64_t bytes_received() const noexcept override { return 0; }
    std::optional<std::uint64_t> bytes_left() const noexcept override { return std::nullopt; }
    ExchangeEvents *events = nullptr;
    EndpointRef endpoint;
    Instant started_at{};
    Instant sent_at{};
    bool is_reused = false;
    bool is_sent = false;
    std::shared_ptr<SimExchange> self;  // until its end
  };
  struct Due {
    Instant at;
    std::uint64_t turn;
    std::shared_ptr<SimExchange> exchange;
    bool operator<(const Due &other) const { return at != other.at ? at > other.at : turn > other.turn; }
  };

  void schedule(const std::shared_ptr<SimExchange> &exchange, Instant at) { due_.push({at, ++turns_, exchange}); }
  void send(const std::shared_ptr<SimExchange> &exchange) {
    if (!exchange->events->may_send()) std::abort();  // one address: nobody races it
    exchange->is_sent = true;
    exchange->sent_at = clock_.now();
    exchange->events->on_phase(Phase::waiting, clock_.now());
    schedule(exchange, clock_.now() + latency_.draw(clock_.now()));
  }
  void finish(SimExchange &exchange) {
    ExchangeEnd end;
    end.status = Status::ok;
    end.http_status = 200;
    end.connected = true;
    end.reused = exchange.is_reused;
    end.opened_connection = !exchange.is_reused;
    end.durations.connecting = exchange.sent_at - exchange.started_at;
    end.durations.waiting = clock_.now() - exchange.sent_at;
    --exchange.endpoint->connections_busy;
    exchange.self.reset();
    std::exchange(exchange.events, nullptr)->on_end(std::move(end));
  }

  const FakeClock &clock_;
  Latency &latency_;
  EndpointRef endpoint_;
  std::priority_queue<Due> due_;
  std::uint64_t turns_ = 0;
};

}  // namespace octo
