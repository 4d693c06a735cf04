// A transport on a loop of its own for tests: starts exchanges, turns the loop until something holds, and notes what
// was told.
#pragma once

#include <gtest/gtest.h>
#include <uv.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ledger.hpp"
#include "metrics/counters.hpp"
#include "transport/curl_transport.hpp"

namespace octo {

// One exchange as its owner sees it.
struct Watched final : ExchangeEvents {
  void on_phase(Phase phase, Instant) noexcept override { phases.push_back(phase); }
  bool may_send() noexcept override {
    ++asked;
    if (before_send) before_send();
    return allowed;
  }
  void on_end(ExchangeEnd how) noexcept override {
    exchange = nullptr;
    ++ends;
    end.emplace(std::move(how));
    if (then) then();
  }
  std::string body() const { return {reinterpret_cast<const char *>(end->body.data()), end->body.size()}; }

  Exchange *exchange = nullptr;
  bool allowed = true;
  int asked = 0;
  int ends = 0;
  std::vector<Phase> phases;
  std::optional<ExchangeEnd> end;
  std::function<void()> then;
  std::function<void()> before_send;
};

// The value of a kept header, or "".
inline std::string kept(const ExchangeEnd &end, const std::string &name) {
  for (std::size_t at = 0; at < end.headers.size();) {
    const std::string key = end.headers.c_str() + at;
    const std::string value = end.headers.c_str() + at + key.size() + 1;
    if (key == name) return value;
    at += key.size() + value.size() + 2;
  }
  return {};
}

class TestClient {
 public:
  explicit TestClient(const std::string &url, const std::string &ca_file = {}, TransportConfig base = {})
      : TestClient(url, TrustRoots{ca_file, {}, {}}, std::move(base)) {}
  TestClient(const std::string &url, const TrustRoots &roots, TransportConfig base = {})
      : config(std::move(base)), ledger_(Ref<Ledger>::adopt(new Ledger(std::uint64_t{64} << 20))) {
    EXPECT_EQ(uv_loop_init(&loop_), 0);
    config.secure = url.starts_with("https:");
    config.url_authority = url;
    const std::size_t host = url.find("//") + 2;
    const std::size_t colon = url.rfind(':');
    config.host = url.substr(host, colon - host);
    config.port = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
    if (config.user_agent.empty()) config.user_agent = "transport-test";
    // A machine with other work needs more than the default for a handshake.
    if (config.connect_timeout == TransportConfig().connect_timeout) config.connect_timeout = 20s;
    endpoint = make_endpoint("127.0.0.1");
    std::shared_ptr<TrustStore> trust;
    if (config.secure) {
      auto loaded = TrustStore::load(roots);
      EXPECT_TRUE(loaded.is_ok());
      trust = loaded.value();
    }
    EXPECT_TRUE(CurlTransport::check_libcurl().is_ok());
    auto opened = CurlTransport::open(&loop_, visit_, config, system_clock(), *ledger_, counters, trust);
    EXPECT_TRUE(opened.is_ok());
    transport_ = std::move(opened.value());
    uv_timer_init(&loop_, &tick_);
    uv_timer_start(
        &tick_, [](uv_timer_t *) {}, 10, 10);
  }
  ~TestClient() { close(); }
  TestClient(const TestClient &) = delete;
  TestClient &operator=(const TestClient &) = delete;

  EndpointRef make_endpoint(const std::string &address) const { return make_endpoint(address, config.port); }
  EndpointRef make_endpoint(const std::string &address, std::uint16_t port) const {
    auto made = std::make_shared<Endpoint>();
    made->address = address;
    made->port = port;
    const bool is_v6 = address.find(':') != std::string::npos;
    made->text = (is_v6 ? "[" + address + "]" : address) + ":" + std::to_string(made->port);
    return made;
  }

  ExchangeRequest request(const std::string &target) {
    targets_.push_back(std::make_unique<std::string>(target));
    ExchangeRequest made;
    made.endpoint = endpoint;
    made.target = *targets_.back();
    return made;
  }

  std::unique_ptr<Watched> start(const ExchangeRequest &request) {
    auto watched = std::make_unique<Watched>();
    watched->exchange = transport_->start(request, *watched);
    EXPECT_NE(watched->exchange, nullptr);
    return watched;
  }
  std::unique_ptr<Watched> start(const std::string &target) { return start(request(target)); }

  // Starts, waits for the end, and forgets what is charged for the body.
  std::unique_ptr<Watched> fetch(const ExchangeRequest &request) {
    auto watched = start(request);
    EXPECT_TRUE(until([&] { return watched->end.has_value(); })) << request.target;
    if (!watched->end) watched->end.emplace();
    ledger_->discharge(watched->end->body.size());
    return watched;
  }
  std::unique_ptr<Watched> fetch(const std::string &target) { return fetch(request(target)); }

  // As the scheduler does: a connection that was dead or dirty before a byte came costs one more exchange.
  std::unique_ptr<Watched> fetch_with_rerun(ExchangeRequest request) {
    auto watched = fetch(request);
    if (!watched->end->may_rerun) return watched;
    EXPECT_TRUE(watched->end->reused);
    EXPECT_EQ(watched->end->bytes_received, 0u);
    request.fresh_connection = true;
    return fetch(request);
  }
  std::unique_ptr<Watched> fetch_with_rerun(const std::string &target) { return fetch_with_rerun(request(target)); }

  // False when it does not come true within a time that no working machine needs.
  bool until(const std::function<bool()> &holds) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      turn();
    }
    return true;
  }
  void turn() {
    uv_run(&loop_, UV_RUN_ONCE);
    transport_->deliver();
  }

  void close() {
    if (transport_ == nullptr) return;
    transport_->close();
    uv_close(reinterpret_cast<uv_handle_t *>(&tick_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_TRUE(transport_->is_closed());
    EXPECT_EQ(endpoint->connections_open, 0u);
    EXPECT_EQ(endpoint->connections_busy, 0u);
    transport_.reset();
    EXPECT_EQ(uv_loop_close(&loop_), 0);
    EXPECT_EQ(counters.connections_open.value(), 0u);
    EXPECT_EQ(ledger_->active(), 0u);
  }

  CurlTransport &transport() { return *transport_; }
  Ledger &ledger() { return *ledger_; }

  TransportConfig config;
  EndpointRef endpoint;
  Counters counters;

 private:
  Ref<Ledger> ledger_;
  LibraryVisit visit_;
  uv_loop_t loop_{};
  uv_timer_t tick_{};
  std::unique_ptr<CurlTransport> transport_;
  std::vector<std::unique_ptr<std::string>> targets_;
};

}  // namespace octo
