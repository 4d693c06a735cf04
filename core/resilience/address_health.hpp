// Which addresses of an origin took no connection of late.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace octo {

// The record of one address; a function of what was noted and of now. An address is set aside after its second failure
// in a row, for a span that doubles up to 30 s; the first success forgives all.
class AddressHealth {
 public:
  void note_success() noexcept { failures_ = 0; }
  void note_failure(Instant now) noexcept {
    failures_ = std::min<std::uint32_t>(failures_ + 1, 16);
    if (failures_ < 2) return;
    const Duration span = 500ms * (std::int64_t{1} << std::min<std::uint32_t>(failures_, 7));
    set_aside_until_ = now + std::min<Duration>(span, 30s);
  }
  bool is_set_aside(Instant now) const noexcept { return failures_ >= 2 && now < set_aside_until_; }
  std::uint32_t failures_in_a_row() const noexcept { return failures_; }
  // For choosing the least bad when all are set aside.
  Instant set_aside_until() const noexcept { return set_aside_until_; }

 private:
  std::uint32_t failures_ = 0;
  Instant set_aside_until_{};
};

}  // namespace octo
