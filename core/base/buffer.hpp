// Bytes that grow while a response arrives, and report a failed allocation instead of throwing.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace octo {

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer &operator=(Buffer &&other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer() { std::free(data_); }

  const unsigned char *data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

  [[nodiscard]] bool reserve(std::size_t bytes) noexcept {
    if (bytes <= capacity_) return true;
    void *grown = std::realloc(data_, bytes);
    if (grown == nullptr) return false;
    data_ = static_cast<unsigned char *>(grown);
    capacity_ = bytes;
    return true;
  }

  // Doubles when full, so that a body of unknown length costs a few copies, not one per segment.
  [[nodiscard]] bool append(const void *bytes, std::size_t count) noexcept {
    if (count == 0) return true;
    if (size_ + count > capacity_) {
      const std::size_t doubled = capacity_ * 2;
      if (!reserve(doubled > size_ + count ? doubled : size_ + count)) return false;
    }
    std::memcpy(data_ + size_, bytes, count);
    size_ += count;
    return true;
  }

 private:
  unsigned char *data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace octo
