// OpenSSL has a word for it.
#include "transport/tls_ending.hpp"

#include <openssl/ssl.h>

namespace octo {

void end_without_waiting(ssl_ctx_st *context) noexcept { ::SSL_CTX_set_quiet_shutdown(context, 1); }

}  // namespace octo
