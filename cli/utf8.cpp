// The decoder behind utf8.hpp.
#include "utf8.hpp"

namespace octo::cli {
namespace {

std::size_t announced_size(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

}  // namespace

Character first_character(std::string_view bytes) noexcept {
  constexpr Character kInvalid{0, 0};
  constexpr std::uint32_t kLeadMask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<unsigned char>(bytes[0]);
  const std::size_t size = announced_size(lead);
  if (size == 0 || bytes.size() < size) return kInvalid;
  std::uint32_t point = lead & kLeadMask[size];
  for (const char following : bytes.substr(1, size - 1)) {
    const auto byte = static_cast<unsigned char>(following);
    if ((byte & 0xc0) != 0x80) return kInvalid;
    point = (point << 6) | (byte & 0x3f);
  }
  const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < kSmallest[size] || point > 0x10ffff || is_surrogate) return kInvalid;
  return {size, point};
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t size = first_character(bytes).size;
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace octo::cli
