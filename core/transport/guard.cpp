// Peeking at a socket and into OpenSSL, for guard.hpp.
#include "transport/guard.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

namespace octo {
namespace {

// The first byte of a TLS record (RFC 8446 section 5.1). An alert on an idle connection is a close_notify or an error:
// the end of it, not somebody's response. Session tickets are handshake records and count as dirty: they are read with
// the first response as a rule, and if not, a new connection is what certainty costs.
constexpr unsigned char kTlsAlert = 21;

}  // namespace

#if defined(OCTO_WITHOUT_GUARD)

IdleState look_at_idle(int, const ssl_st *) noexcept { return IdleState::clean; }

#else

IdleState look_at_idle(int fd, const ssl_st *tls) noexcept {
  // What shares a record with the end of the last body is inside OpenSSL already, where no peek can see it.
  if (tls != nullptr && ::SSL_has_pending(tls) != 0) return IdleState::dirty;
  unsigned char first = 0;
  while (true) {
    const ssize_t size = ::recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size > 0) return tls != nullptr && first == kTlsAlert ? IdleState::dead : IdleState::dirty;
    if (size == 0) return IdleState::dead;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? IdleState::clean : IdleState::dead;
  }
}

#endif

}  // namespace octo
