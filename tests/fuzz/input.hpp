// Takes the bytes of a fuzz input apart: lines and words, so that a committed input reads as text, or plain numbers.
//
// Every function gives something for every input: an input that ends too early is as good as any other.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace octo::fuzz {

class Input {
 public:
  explicit Input(std::string_view bytes) noexcept : rest_(bytes) {}
  Input(const std::uint8_t *bytes, std::size_t size) noexcept : rest_(reinterpret_cast<const char *>(bytes), size) {}

  bool is_empty() const noexcept { return rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }

  // Up to the next `end` or the end of the input; without it.
  std::string_view until(char end) noexcept {
    const std::size_t size = std::min(rest_.find(end), rest_.size());
    const std::string_view piece = rest_.substr(0, size);
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    return piece;
  }
  std::string_view line() noexcept { return until('\n'); }
  std::string_view word() noexcept { return until(' '); }

  // At most `count` bytes.
  std::string_view bytes(std::size_t count) noexcept {
    const std::string_view piece = rest_.substr(0, count);
    rest_.remove_prefix(piece.size());
    return piece;
  }

  // A number or plain struct of any content; missing bytes are 0.
  template <typename T>
  T plain() noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    const std::string_view piece = bytes(sizeof value);
    if (!piece.empty()) std::memcpy(static_cast<void *>(&value), piece.data(), piece.size());
    return value;
  }

 private:
  std::string_view rest_;
};

// The decimal number at the front of `text`; 0 when there is none.
inline std::uint64_t number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace octo::fuzz
