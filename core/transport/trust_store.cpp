// Reading a bundle of certificates with OpenSSL, for trust_store.hpp.
#include "transport/trust_store.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <array>
#include <new>

#include "base/printable.hpp"

namespace octo {
namespace {

// Debian, Red Hat, SUSE, Alpine and the BSDs.
constexpr std::array<const char *, 4> kSystemBundles = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

// Empties this thread's queue of errors; whether one of them was a lack of memory.
bool take_errors() noexcept {
  bool lacks_memory = false;
  while (const unsigned long error = ::ERR_get_error()) {
    lacks_memory = lacks_memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
  }
  return lacks_memory;
}

Result<std::shared_ptr<TrustStore>> load_file(const std::string &path) {
  const Failure no_memory{Status::no_memory, "tls.ca_file: no memory for a trust store"};
  std::unique_ptr<X509_STORE, decltype(&::X509_STORE_free)> owned(::X509_STORE_new(), ::X509_STORE_free);
  if (owned == nullptr) return no_memory;
  auto trust_store = std::make_shared<TrustStore>(owned.get());
  X509_STORE *store = owned.release();
  // An intermediate or a self-signed certificate in the file is trusted by itself, as libcurl does.
  ::X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  const bool is_loaded = ::X509_STORE_load_file(store, path.c_str()) == 1;
  const bool lacks_memory = take_errors();
  if (is_loaded) return trust_store;
  if (lacks_memory) return no_memory;
  return Failure{Status::invalid_argument,
                 "tls.ca_file: '" + printable(path) + "' cannot be read as PEM certificates; name a bundle of them"};
}

}  // namespace

Result<std::shared_ptr<TrustStore>> TrustStore::load(const std::string &ca_file) {
  if (!ca_file.empty()) return load_file(ca_file);
  std::string tried;
  for (const char *path : kSystemBundles) {
    if (::access(path, R_OK) == 0) {
      auto loaded = load_file(path);
      if (loaded.is_ok()) return loaded;
    }
    tried += tried.empty() ? "" : ", ";
    tried += path;
  }
  return Failure{Status::invalid_argument,
                 "tls.ca_file: the system has no bundle of certificates (tried " + tried + "); name one"};
}

TrustStore::~TrustStore() { ::X509_STORE_free(store_); }

void TrustStore::attach(ssl_ctx_st *context) const noexcept { ::SSL_CTX_set1_cert_store(context, store_); }

}  // namespace octo
