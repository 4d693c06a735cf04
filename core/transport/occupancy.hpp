// How many connections of one shard are open and busy, address by address, and the same told to each Endpoint.
//
// An exchange that starts is promised an idle connection until it has one, so that several starts in one turn do not
// count on the same. I/O thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "transport/endpoint.hpp"

namespace octo {

class Occupancy {
 public:
  void open(const EndpointRef &endpoint);
  void close(const Endpoint &endpoint, bool was_taken) noexcept;
  // A connection that stands open changes between idle and busy.
  void take(const Endpoint &endpoint) noexcept;
  void give_back(const Endpoint &endpoint) noexcept;
  // Only for an endpoint with idle connections.
  void promise(const Endpoint &endpoint) noexcept;
  void withdraw(const Endpoint &endpoint) noexcept;

  std::uint32_t idle(const Endpoint &endpoint) const noexcept;
  std::uint32_t open_count() const noexcept { return open_count_; }
  std::uint32_t idle_count() const noexcept { return open_count_ - busy_count_; }

 private:
  struct Row {
    EndpointRef endpoint;
    std::uint32_t open = 0;
    std::uint32_t taken = 0;
    std::uint32_t promised = 0;
    std::uint32_t busy = 0;  // what the endpoint was told
  };
  Row *find(const Endpoint &endpoint) noexcept;
  void tell(Row &row) noexcept;

  std::vector<Row> rows_;
  std::uint32_t open_count_ = 0;
  std::uint32_t busy_count_ = 0;
};

}  // namespace octo
