// Whether the libcurl of this process can be used, and what its version asks of us.
#pragma once

#include "base/result.hpp"

namespace octo {

// At least 7.88, with HTTPS by OpenSSL, and safe to initialise while other threads run. Any thread.
Result<Done> check_libcurl();

// The last act of a thread that used TLS: frees what OpenSSL keeps for it, which would otherwise go at some time after
// the thread is counted as ended.
void leave_openssl() noexcept;

// The read buffer of a transfer. Before 8.7.0 each one in flight holds its own; since then a multi has one for all.
long transfer_buffer_bytes() noexcept;

}  // namespace octo
