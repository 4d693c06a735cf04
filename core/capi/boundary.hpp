// The boundary between C++ and C: the one try/catch, errors as text, and structs of another version's size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "base/result.hpp"
#include "base/status.hpp"
#include "octofetch.h"

namespace octo {

inline octo_status to_c(Status status) noexcept { return static_cast<octo_status>(status); }

// Fills the caller's error, as much as its size holds; answers the status.
inline octo_status refuse(octo_error *error, Status status, std::string_view text) noexcept {
  constexpr std::size_t kTextAt = offsetof(octo_error, text);
  if (error != nullptr && error->size > kTextAt) {
    error->status = to_c(status);
    const std::size_t room = std::min<std::size_t>(error->size, sizeof(octo_error)) - kTextAt;
    std::size_t size = std::min(text.size(), room - 1);
    // Not in the middle of a character.
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    std::memcpy(error->text, text.data(), size);
    error->text[size] = '\0';
  }
  return to_c(status);
}

inline octo_status refuse(octo_error *error, const Failure &failure) noexcept {
  return refuse(error, failure.status, failure.text);
}

// Every exported function that can fail runs inside this: nothing is thrown across the ABI.
template <typename Body>
octo_status guarded(octo_error *error, Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return refuse(error, Status::no_memory, "an allocation failed");
  } catch (...) {
    return refuse(error, Status::internal, "a defect of the library: an unexpected exception");
  }
}

// Writes `own` into a struct of the caller's size: what both know, and zeroes for what only the caller knows.
template <typename T>
void copy_out(const T &own, void *theirs, std::size_t size) noexcept {
  std::memcpy(theirs, &own, std::min(size, sizeof(T)));
  if (size > sizeof(T)) std::memset(static_cast<char *>(theirs) + sizeof(T), 0, size - sizeof(T));
}

// Reads a struct of the caller's size; false when it has a non-zero tail that this build does not know.
template <typename T>
bool copy_in(const void *theirs, std::size_t size, T &own) noexcept {
  own = T{};
  std::memcpy(static_cast<void *>(&own), theirs, std::min(size, sizeof(T)));
  const char *bytes = static_cast<const char *>(theirs);
  for (std::size_t i = sizeof(T); i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

// Text of any length into the caller's buffer, cut where it does not fit; always ends in NUL.
inline void copy_text(std::string_view text, char *buffer, std::size_t buffer_size, std::size_t *size_out) noexcept {
  if (size_out != nullptr) *size_out = text.size();
  if (buffer_size == 0) return;
  const std::size_t size = std::min(text.size(), buffer_size - 1);
  std::memcpy(buffer, text.data(), size);
  buffer[size] = '\0';
}

template <typename T>
std::uintptr_t value_of(const T *handle) noexcept {
  return reinterpret_cast<std::uintptr_t>(handle);
}

}  // namespace octo
