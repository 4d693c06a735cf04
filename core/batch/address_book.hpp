// Addresses by small numbers, so that a progress word can name one after the engine is gone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ref.hpp"

namespace octo {

// The I/O thread adds, any thread reads. Holds 4095 texts; further addresses get number 0, which reads as "".
class AddressBook : public Counted<AddressBook> {
 public:
  AddressBook() = default;
  ~AddressBook() {
    for (auto &entry : texts_) delete entry.load(std::memory_order_relaxed);
  }

  std::uint32_t id_of(std::string_view text) {
    for (std::uint32_t id = 1; id <= used_; ++id) {
      if (*texts_[id].load(std::memory_order_relaxed) == text) return id;
    }
    if (used_ + 1 == texts_.size()) return 0;
    texts_[used_ + 1].store(new std::string(text), std::memory_order_release);
    return ++used_;
  }

  const char *text(std::uint32_t id) const noexcept {
    const std::string *entry = id < texts_.size() ? texts_[id].load(std::memory_order_acquire) : nullptr;
    return entry == nullptr ? "" : entry->c_str();
  }

 private:
  std::array<std::atomic<const std::string *>, 4096> texts_{};
  std::uint32_t used_ = 0;  // I/O thread only
};

}  // namespace octo
