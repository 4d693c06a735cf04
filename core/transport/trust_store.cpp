// Which files and directories are read, and what is said of them, for trust_store.hpp.
#include "transport/trust_store.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/printable.hpp"
#include "transport/certificate_reader.hpp"

namespace octo {
namespace {

// Debian, Red Hat, SUSE, Alpine and the BSDs.
constexpr std::array<const char *, 4> kSystemBundles = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

using OwnedStore = std::unique_ptr<X509_STORE, decltype(&::X509_STORE_free)>;

std::string quoted(const std::string &path) { return "'" + printable(path, 120) + "'"; }

Failure no_memory() { return {Status::no_memory, "tls.ca_file: no memory for a trust store"}; }

OwnedStore new_store() {
  OwnedStore store(::X509_STORE_new(), ::X509_STORE_free);
  // An intermediate or a self-signed certificate among the roots is trusted by itself, as libcurl does.
  if (store != nullptr) ::X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

std::shared_ptr<TrustStore> share(OwnedStore store, std::string source) {
  auto shared = std::make_shared<TrustStore>(store.get(), std::move(source));
  static_cast<void>(store.release());
  return shared;
}

Result<Done> add_file(X509_STORE *store, const std::string &path) {
  const auto added = add_certificate_file(store, path);
  if (added.is_ok()) return Done{};
  return Failure{added.failure().status, "tls.ca_file: " + quoted(path) + " " + added.failure().text};
}

// Lists name directories of other systems as well, so that one without roots is no mistake as long as another has some.
Result<Done> add_directories(X509_STORE *store, std::string_view list) {
  std::size_t count = 0;
  Failure refusal{Status::invalid_argument, "tls.ca_directory: no directory is named"};
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    const std::string path(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    if (path.empty()) continue;
    const auto added = add_certificate_directory(store, path);
    const std::string said = "tls.ca_directory: " + quoted(path) + " ";
    if (added.is_ok()) {
      count += added.value();
      refusal.text = said + "has no certificates under hashed names; run 'openssl rehash' for it";
    } else {
      refusal = Failure{added.failure().status, said + added.failure().text};
      if (refusal.status == Status::no_memory) return refusal;
    }
  }
  if (count == 0) return refusal;
  return Done{};
}

Result<std::shared_ptr<TrustStore>> load_named(const TrustRoots &roots) {
  OwnedStore store = new_store();
  if (store == nullptr) return no_memory();
  std::string source;
  if (!roots.file.empty()) {
    if (const auto added = add_file(store.get(), roots.file); !added.is_ok()) return added.failure();
    source = "tls.ca_file " + quoted(roots.file);
  }
  if (!roots.directories.empty()) {
    if (const auto added = add_directories(store.get(), roots.directories); !added.is_ok()) return added.failure();
    source += (source.empty() ? "tls.ca_directory " : " and tls.ca_directory ") + quoted(roots.directories);
  }
  if (!roots.pem.empty()) {
    const auto added = add_certificate_text(store.get(), roots.pem);
    if (!added.is_ok()) return Failure{added.failure().status, "tls.ca_pem: the text " + added.failure().text};
    source +=
        std::string(source.empty() ? "" : " and ") + "tls.ca_pem (" + std::to_string(added.value()) + " certificates)";
  }
  return share(std::move(store), std::move(source));
}

Result<std::shared_ptr<TrustStore>> load_of_system() {
  std::string tried;
  for (const char *path : kSystemBundles) {
    if (::access(path, R_OK) == 0) {
      OwnedStore store = new_store();
      if (store == nullptr) return no_memory();
      const auto added = add_certificate_file(store.get(), path);
      if (added.is_ok())
        return share(std::move(store), std::string("the system's ") + quoted(path) + ", as tls.ca_file names none");
      if (added.failure().status == Status::no_memory) return no_memory();
    }
    tried += tried.empty() ? "" : ", ";
    tried += path;
  }
  return Failure{Status::invalid_argument,
                 "tls.ca_file: the system has no bundle of certificates (tried " + tried + "); name one"};
}

}  // namespace

Result<std::shared_ptr<TrustStore>> TrustStore::load(const TrustRoots &roots) {
  const bool is_named = !roots.file.empty() || !roots.directories.empty() || !roots.pem.empty();
  return is_named ? load_named(roots) : load_of_system();
}

TrustStore::~TrustStore() { ::X509_STORE_free(store_); }

void TrustStore::attach(ssl_ctx_st *context) const noexcept { ::SSL_CTX_set1_cert_store(context, store_); }

}  // namespace octo
