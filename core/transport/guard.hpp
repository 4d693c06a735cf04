// Whether a connection that was idle is fit for another request: nothing may have arrived on it since its last
// response.
//
// What waits there is not the reply to the request that is about to be written, yet libcurl would take it for one:
// before 8.0 whenever a single byte is readable, and from 8.22 within a second of its last look. Bytes that come after
// the request was written cannot be told from its reply by any HTTP/1.1 client. Not for fresh TLS connections, where
// session tickets wait: early_records.hpp is. I/O thread only.
#pragma once

#include <cstdint>

struct ssl_st;

namespace octo {

enum class IdleState : std::uint8_t {
  clean,
  dirty,  // bytes of nobody's response
  dead,   // closed or broken by the peer
};

// `tls` is null for plain HTTP. Does not block, and takes nothing off the socket.
IdleState look_at_idle(int fd, const ssl_st *tls) noexcept;

}  // namespace octo
