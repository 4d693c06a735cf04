// Which certificate authorities a client trusts, read once and shared by all its connections.
//
// libcurl would read the whole bundle again for every connection, which is most of what a handshake costs. It is not a
// cache of sessions. Loaded by whoever opens a client, attached on the I/O thread; never changes in between.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

struct x509_store_st;
struct ssl_ctx_st;

namespace octo {

class TrustStore {
 public:
  // From `ca_file`, or from the first of the system's well-known bundles when it is "".
  static Result<std::shared_ptr<TrustStore>> load(const std::string &ca_file);

  explicit TrustStore(x509_store_st *store) noexcept : store_(store) {}
  ~TrustStore();
  TrustStore(const TrustStore &) = delete;
  TrustStore &operator=(const TrustStore &) = delete;

  // Counts one more reference for the context.
  void attach(ssl_ctx_st *context) const noexcept;

 private:
  x509_store_st *store_;
};

}  // namespace octo
