// Peeking at a socket and into OpenSSL, for guard.hpp.
#include "transport/guard.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace octo {

#if defined(OCTO_WITHOUT_GUARD)

IdleState look_at_idle(int, const ssl_st *) noexcept { return IdleState::clean; }

#else

namespace {

// The head of a TLS record (RFC 8446 section 5.1): type, version, length. An alert on an idle connection is a
// close_notify or an error: the end of it, not somebody's response. Session tickets are handshake records and count as
// dirty: they are read with the first response as a rule, and if not, a new connection is what certainty costs.
using RecordHead = std::array<unsigned char, 5>;
constexpr unsigned char kAlert = 21;
constexpr unsigned char kApplicationData = 23;
// TLS 1.3 calls every record application data, and an alert is two bytes, the true type and the tag of the cipher.
constexpr unsigned kEncryptedAlertBytes = 2 + 1 + 16;

bool is_alert(const RecordHead &head, std::size_t size, const ssl_st *tls) noexcept {
  if (head[0] == kAlert) return true;
  if (size < head.size() || head[0] != kApplicationData || ::SSL_version(tls) != TLS1_3_VERSION) return false;
  return head[3] * 256U + head[4] == kEncryptedAlertBytes;
}

}  // namespace

IdleState look_at_idle(int fd, const ssl_st *tls) noexcept {
  // What shares a record with the end of the last body is inside OpenSSL already, where no peek can see it.
  if (tls != nullptr && ::SSL_has_pending(tls) != 0) return IdleState::dirty;
  RecordHead head{};
  while (true) {
    const ssize_t size = ::recv(fd, head.data(), head.size(), MSG_PEEK | MSG_DONTWAIT);
    if (size == 0) return IdleState::dead;
    if (size > 0) {
      const bool is_end = tls != nullptr && is_alert(head, static_cast<std::size_t>(size), tls);
      return is_end ? IdleState::dead : IdleState::dirty;
    }
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? IdleState::clean : IdleState::dead;
  }
}

#endif

}  // namespace octo
