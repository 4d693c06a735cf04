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

// Where a client's roots are; with none of them, the first of the system's well-known bundles.
struct TrustRoots {
  std::string file;         // of PEM certificates
  std::string directories;  // of files under hashed names; several are separated by ':', as in SSL_CERT_DIR
  std::string pem;          // certificates themselves
};

class TrustStore {
 public:
  // From the file, the directories and the text alike.
  static Result<std::shared_ptr<TrustStore>> load(const TrustRoots &roots);

  TrustStore(x509_store_st *store, std::string source) noexcept : store_(store), source_(std::move(source)) {}
  ~TrustStore();
  TrustStore(const TrustStore &) = delete;
  TrustStore &operator=(const TrustStore &) = delete;

  // Counts one more reference for the context.
  void attach(ssl_ctx_st *context) const noexcept;
  // Where they were read, for people: "tls.ca_file '/etc/roots.pem'".
  const std::string &source() const noexcept { return source_; }

 private:
  x509_store_st *store_;
  const std::string source_;
};

}  // namespace octo
