// Makes keys and certificates (EC P-256) with OpenSSL, and the server contexts that use them.
#include "certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

namespace octo::origin {

namespace {

struct KeyDelete {
  void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
};
struct CertificateDelete {
  void operator()(X509 *certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDelete>;
using Certificate = std::unique_ptr<X509, CertificateDelete>;

constexpr long kDay_s = 24 * 3600;

void require(bool is_good, const char *what) {
  if (!is_good)
    throw std::runtime_error(std::string("certificates: OpenSSL failed at ") + what + "; check its installation");
}

struct Identity {
  Key key;
  Certificate certificate;
};

struct Wish {
  const char *common_name;
  std::string names;  // subjectAltName; empty: none.
  long begins_s;      // From now.
  long ends_s;
  bool is_ca;
};

void add_extension(X509 *certificate, X509 *issuer, int id, const std::string &value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "adding an extension");
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself when that is null.
Identity make_identity(const Wish &wish, const Identity *issuer) {
  static long serial = 1;
  Identity made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509 *certificate = made.certificate.get();
  require(made.key != nullptr && certificate != nullptr, "making a key");
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.begins_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.ends_s);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char *>(wish.common_name), -1,
                             -1, 0);
  X509 *signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  add_extension(certificate, signer, NID_basic_constraints, wish.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(certificate, signer, NID_key_usage,
                wish.is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  add_extension(certificate, signer, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add_extension(certificate, signer, NID_authority_key_identifier, "keyid");
  if (!wish.is_ca) add_extension(certificate, signer, NID_ext_key_usage, "serverAuth");
  if (!wish.names.empty()) add_extension(certificate, signer, NID_subject_alt_name, wish.names);
  EVP_PKEY *signing_key = issuer != nullptr ? issuer->key.get() : made.key.get();
  require(X509_sign(certificate, signing_key, EVP_sha256()) > 0, "signing a certificate");
  return made;
}

// http/1.1 when the client offers it; else no protocol is agreed on.
int select_protocol(SSL *, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                    unsigned offered_size, void *) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char *selected = nullptr;
  const int result = SSL_select_next_proto(&selected, out_size, kHttp11, sizeof kHttp11 - 1, offered, offered_size);
  *out = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Context make_context(const Identity &identity) {
  Context context(SSL_CTX_new(TLS_server_method()));
  require(context != nullptr, "making a context");
  require(SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1, "using a certificate");
  require(SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1, "using a key");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  static constexpr unsigned char kSessionContext[] = "octo-origin";
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1);
  return context;
}

std::string to_pem(X509 *certificate) {
  BIO *out = BIO_new(BIO_s_mem());
  require(out != nullptr && PEM_write_bio_X509(out, certificate) == 1, "writing PEM");
  char *data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

std::string good_names(const std::vector<std::string> &addresses) {
  std::vector<std::string> all = {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "::1"};
  for (const std::string &address : addresses) {
    if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
  }
  std::string names = "DNS:localhost,DNS:origin.test,DNS:*.origin.test";
  for (const std::string &address : all) names += ",IP:" + address;
  return names;
}

}  // namespace

Certificates make_certificates(const std::vector<std::string> &addresses) {
  const std::string names = good_names(addresses);
  const Identity ca = make_identity({"octo-origin test CA", "", -kDay_s, 30 * kDay_s, true}, nullptr);
  const Identity good = make_identity({"origin.test", names, -kDay_s, 30 * kDay_s, false}, &ca);
  const Identity expired = make_identity({"origin.test", names, -30 * kDay_s, -kDay_s, false}, &ca);
  const Identity self_signed = make_identity({"origin.test", names, -kDay_s, 30 * kDay_s, false}, nullptr);
  const Identity wrong_host = make_identity({"wrong.test", "DNS:wrong.test", -kDay_s, 30 * kDay_s, false}, &ca);
  return {make_context(good), make_context(expired), make_context(self_signed), make_context(wrong_host),
          to_pem(ca.certificate.get())};
}

}  // namespace octo::origin
