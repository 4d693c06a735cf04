// How a TLS session of ours ends: with its connection, whatever the origin does.
#pragma once

struct ssl_ctx_st;

namespace octo {

// Closing waits for nobody. libcurl from 8.9 on sends a close_notify and keeps the connection until the origin has answered
// it, and 8.21 does not notice when it has, so that every connection that is given up would stay open. HTTP says itself
// where a response ends, and all that close_notify could still protect has been read by then.
void end_without_waiting(ssl_ctx_st *context) noexcept;

}  // namespace octo
