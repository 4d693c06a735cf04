// The owner of a file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace octo::cli {

class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor &&other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor &operator=(Descriptor &&other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() { static_cast<void>(close()); }

  bool is_open() const noexcept { return number_ >= 0; }
  int number() const noexcept { return number_; }

  // Closes now and answers whether that went well: for files, where it can tell of a failed write.
  bool close() noexcept {
    if (!is_open()) return true;
    return ::close(std::exchange(number_, -1)) == 0;
  }

 private:
  int number_ = -1;
};

}  // namespace octo::cli
