// Standard output with a buffer, and what stopped it.
#pragma once

#include <string>
#include <string_view>

namespace octo::cli {

// After the first error nothing more is written, so callers may write on and ask at the end.
class OutputStream {
 public:
  explicit OutputStream(int descriptor) noexcept : descriptor_(descriptor) {}

  void write(std::string_view bytes);
  void flush();

  bool is_empty() const noexcept { return buffer_.empty(); }  // nothing waits for a flush
  int error() const noexcept { return error_; }               // 0, or an errno: EPIPE, ENOSPC, EINTR after an interrupt

 private:
  void write_through(std::string_view bytes) noexcept;

  int descriptor_;
  int error_ = 0;
  std::string buffer_;
};

}  // namespace octo::cli
