// TLS connections on which anything waits before the first request: a response there is always noticed, and nothing
// else is taken for one.
//
// An input is a line "2" or "3" (TLS 1.2 or 1.3) and then one line for each thing the server does. Before a line
// "watch": "data TEXT" sends a response, "ticket" a session ticket, "update" new keys. Behind it the same, and "raw
// BYTES" puts bytes on the wire that no server of ours would send. Without "watch", all comes before it.
#include "transport/early_records.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "require.hpp"
#include "target.hpp"

namespace octo::fuzz {
namespace {

template <auto kFree>
struct Free {
  template <typename Type>
  void operator()(Type *object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;

Context make_context(const SSL_METHOD *method) {
  Context context(SSL_CTX_new(method));
  // Handshakes of little work: what is tested comes behind them.
  SSL_CTX_set1_groups_list(context.get(), "P-256");
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

SSL_CTX *client_context() {
  static const Context context = make_context(TLS_client_method());
  return context.get();
}

SSL_CTX *server_context() {
  static const Context context = [] {
    const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, Free<X509_free>> certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    Context made = make_context(TLS_server_method());
    SSL_CTX_use_certificate(made.get(), certificate.get());
    SSL_CTX_use_PrivateKey(made.get(), key.get());
    return made;
  }();
  return context.get();
}

// A client and a server with memory between them, after their handshake; the server's tickets still wait.
class Pair {
 public:
  explicit Pair(bool is_tls_1_3)
      : is_tls_1_3_(is_tls_1_3), server_(SSL_new(server_context())), client_(SSL_new(client_context())) {
    const int version = is_tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    for (SSL *end : {server_.get(), client_.get()}) {
      SSL_set_min_proto_version(end, version);
      SSL_set_max_proto_version(end, version);
    }
    BIO *server_end = nullptr;
    BIO_new_bio_pair(&server_end, kWireBytes, &client_end_, kWireBytes);
    SSL_set_bio(server_.get(), server_end, server_end);
    SSL_set_bio(client_.get(), client_end_, client_end_);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
    for (int i = 0; i < 4; ++i) {
      SSL_do_handshake(client_.get());
      SSL_do_handshake(server_.get());
    }
    require(SSL_is_init_finished(server_.get()) == 1 && SSL_is_init_finished(client_.get()) == 1, "a handshake ends");
  }

  SSL *client() const { return client_.get(); }
  std::size_t waiting() const { return BIO_ctrl_pending(client_end_); }

  // Whether a response was sent.
  bool act(std::string_view line) {
    Input words(line);
    const std::string_view what = words.word();
    if (what == "data" && !words.is_empty()) {
      return SSL_write(server_.get(), words.rest().data(), static_cast<int>(words.rest().size())) > 0;
    }
    if (what == "ticket" && is_tls_1_3_) {
      SSL_new_session_ticket(server_.get());
      SSL_do_handshake(server_.get());
    } else if (what == "update" && is_tls_1_3_) {
      SSL_key_update(server_.get(), SSL_KEY_UPDATE_NOT_REQUESTED);
      SSL_do_handshake(server_.get());
    }
    return false;
  }

  void put_raw(std::string_view bytes) {
    BIO_write(SSL_get_wbio(server_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }

  // Bytes of a response, or "" when nothing more can be read.
  std::string read() {
    std::string bytes(256, '\0');
    const int size = SSL_read(client_.get(), bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(size > 0 ? size : 0));
    return bytes;
  }

 private:
  static constexpr std::size_t kWireBytes = std::size_t{1} << 18;

  const bool is_tls_1_3_;
  const Session server_;
  const Session client_;
  BIO *client_end_ = nullptr;
};

}  // namespace

void try_input(Input &input) {
  constexpr int kActsMax = 24;
  Pair pair(input.line() == "3");
  bool is_early = false;
  for (int acts = 0; !input.is_empty() && acts < kActsMax; ++acts) {
    const std::string_view line = input.line();
    if (line == "watch") break;
    is_early = pair.act(line) || is_early;
  }
  EarlyRecords early;
  early.watch(pair.client(), pair.waiting());
  bool is_late = false;
  for (int acts = 0; !input.is_empty() && acts < kActsMax; ++acts) {
    const std::string_view line = input.line();
    is_late = pair.act(line) || is_late;
    if (line.starts_with("raw ")) pair.put_raw(line.substr(4));
  }
  // By the time that a byte is delivered it is known whether it came too early.
  const std::string first = pair.read();
  require(!is_early || (!first.empty() && early.held_response()), "a response before the request is noticed");
  require(is_early || !early.held_response(), "what is no response before the request is not taken for one");
  while (!pair.read().empty()) continue;
  require(early.held_response() == is_early, "what comes later does not change it");
  ERR_clear_error();
}

}  // namespace octo::fuzz
