// Certificates made at start, in memory: a CA, whose certificate tests trust through a temporary file, and leaves that are good,
// expired, self-signed or for another host. No key is ever written to disk.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace octo::origin {

struct ContextDelete {
  void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextDelete>;

struct Certificates {
  Context good;
  Context expired;
  Context self_signed;
  Context wrong_host;
  std::string ca_pem;
};

// The good certificate names localhost, origin.test, *.origin.test, 127.0.0.1 to 127.0.0.4, ::1 and these addresses. Throws
// std::runtime_error when OpenSSL fails.
Certificates make_certificates(const std::vector<std::string> &addresses);

}  // namespace octo::origin
