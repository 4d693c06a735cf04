// One lookup of a name on a thread of its own: started, polled, and left alone if it never ends.
//
// getaddrinfo cannot be cancelled and may hang for as long as a name server does; libcurl's and libuv's resolvers join
// or queue behind such a thread. The thread outlives whoever gave up on it, and touches nothing but its Lookup.
#pragma once

#include <netdb.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.hpp"
#include "base/waker.hpp"

namespace octo {

using LookupFunction = int (*)(const char *node, const char *service, const addrinfo *hints, addrinfo **answer);

class Lookup {
 public:
  // Null when the process has no thread or memory for it.
  static std::shared_ptr<Lookup> start(const std::string &host, LookupFunction function,
                                       const std::shared_ptr<Waker> &waker) noexcept;

  Lookup(std::string host, LookupFunction function, std::shared_ptr<Waker> waker)
      : host_(std::move(host)), function_(function), waker_(std::move(waker)) {}

  // Any thread. What follows is for when it is true.
  bool is_done() const noexcept { return is_done_.load(std::memory_order_acquire); }
  Status status() const noexcept { return status_; }
  const std::string &message() const noexcept { return message_; }
  // As they came, at least one when the status is ok.
  const std::vector<std::string> &addresses() const noexcept { return addresses_; }

 private:
  static void run(void *context) noexcept;
  void look_up();
  int ask(int flags);
  void explain(int error, int os_error);

  // Fixed after construction.
  const std::string host_;
  const LookupFunction function_;
  const std::shared_ptr<Waker> waker_;

  // The lookup's thread, until is_done_.
  Status status_ = Status::no_memory;
  std::string message_;
  std::vector<std::string> addresses_;

  std::atomic<bool> is_done_{false};
};

}  // namespace octo
