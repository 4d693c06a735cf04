// The addresses of the client's origin: from its options, from a numeric host, or from the system's resolver on a
// thread of its own.
//
// One lookup at a time; a second beside one that has not answered for a while, never a third. It caches nothing: when
// to ask again, and what to do with an old answer, is the scheduler's. I/O thread only.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "metrics/counters.hpp"
#include "transport/address_list.hpp"
#include "transport/config.hpp"
#include "transport/lookup.hpp"
#include "transport/seam.hpp"

namespace octo {

inline constexpr Duration kLookupPatience = 2s;  // before a second lookup may start beside the first

class ThreadResolver final : public Resolver {
 public:
  // The waker makes the loop turn, so that collect() is called; a lookup may outlive the resolver and call it late.
  ThreadResolver(const TransportConfig &config, const Clock &clock, Counters &counters, std::shared_ptr<Waker> waker,
                 LookupFunction function = ::getaddrinfo);
  ~ThreadResolver() override = default;
  ThreadResolver(const ThreadResolver &) = delete;
  ThreadResolver &operator=(const ThreadResolver &) = delete;

  bool start_lookup(ResolverEvents &events) noexcept override;
  // After each turn of the loop: tells the answer that has come, if any.
  void collect() noexcept;

 private:
  static constexpr std::size_t kLookupsMax = 2;
  struct Place {
    std::shared_ptr<Lookup> lookup;
    Instant started_at{};
  };

  bool start_thread_lookup() noexcept;
  void tell(Status status, const std::vector<std::string> &addresses, const std::string &message) noexcept;

  const TransportConfig &config_;
  const Clock &clock_;
  Counters &counters_;
  const std::shared_ptr<Waker> waker_;
  const LookupFunction function_;
  EndpointTable endpoints_;
  std::array<Place, kLookupsMax> places_;
  ResolverEvents *events_ = nullptr;  // who waits for an answer; null when nobody does
};

}  // namespace octo
