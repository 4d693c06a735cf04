// Bytes that must not outlive their use: wiped from memory when they are dropped.
//
// Not a std::string, because a short one lives inside of its object, and moving it leaves the bytes behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace octo {

class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::string_view bytes) : Secret({}, bytes) {}
  // Both pieces in one.
  Secret(std::string_view first, std::string_view second);
  Secret(Secret &&other) noexcept;
  Secret &operator=(Secret &&other) noexcept;
  Secret(const Secret &) = delete;
  Secret &operator=(const Secret &) = delete;
  ~Secret();

  bool is_empty() const noexcept { return size_ == 0; }
  // Valid until the secret is assigned to or destroyed.
  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace octo
