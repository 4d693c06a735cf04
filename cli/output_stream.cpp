// Buffered writing for output_stream.hpp.
#include "output_stream.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "interrupt.hpp"

namespace octo::cli {
namespace {

constexpr std::size_t kBufferSize = 65536;

}  // namespace

void OutputStream::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferSize) flush();
  if (bytes.size() > kBufferSize) {
    write_through(bytes);
  } else if (error_ == 0) {
    buffer_ += bytes;
  }
}

void OutputStream::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void OutputStream::write_through(std::string_view bytes) noexcept {
  while (!bytes.empty() && error_ == 0) {
    const ssize_t size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {  // a pipe that another process made non-blocking
      pollfd ready{descriptor_, POLLOUT, 0};
      if (poll(&ready, 1, -1) < 0 && interrupt_signal() != 0) error_ = EINTR;
    } else if (errno != EINTR || interrupt_signal() != 0) {
      error_ = errno;
    }
  }
}

}  // namespace octo::cli
