// How far an unsettled request is, in a word and a count: what a reader sees of it after the freeze never changes.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/phase.hpp"

namespace octo {

struct ProgressReading {
  Phase phase = Phase::queued;
  std::uint32_t attempts = 0;
  std::uint32_t address_id = 0;      // in the AddressBook; 0 for none
  std::uint64_t since_us = 0;        // from submit to the start of the phase
  std::uint64_t bytes_received = 0;  // of the body
};

// Bits: 1 closed, 3 phase, 6 attempts, 12 address, 42 since. The I/O thread notes; the first reader after the freeze
// closes; a note that comes later is lost.
class Progress {
 public:
  void note(const ProgressReading &reading) noexcept {
    std::uint64_t before = word_.load(std::memory_order_relaxed);
    const std::uint64_t after = pack(reading);
    while ((before & kClosed) == 0 && !word_.compare_exchange_weak(before, after, std::memory_order_relaxed)) {
    }
  }

  void note_bytes(std::uint64_t received) noexcept {
    std::uint64_t before = bytes_.load(std::memory_order_relaxed);
    while ((before & kClosed) == 0 && !bytes_.compare_exchange_weak(before, received << 1, std::memory_order_relaxed)) {
    }
  }

  ProgressReading close() noexcept {
    ProgressReading reading = unpack(word_.fetch_or(kClosed, std::memory_order_relaxed));
    reading.bytes_received = bytes_.fetch_or(kClosed, std::memory_order_relaxed) >> 1;
    return reading;
  }

 private:
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::uint64_t kSinceMax = (std::uint64_t{1} << 42) - 1;

  static std::uint64_t pack(const ProgressReading &reading) noexcept {
    const std::uint64_t attempts = reading.attempts < 63 ? reading.attempts : 63;
    const std::uint64_t since = reading.since_us < kSinceMax ? reading.since_us : kSinceMax;
    return (static_cast<std::uint64_t>(reading.phase) << 1) | (attempts << 4) |
           (static_cast<std::uint64_t>(reading.address_id & 0xfff) << 10) | (since << 22);
  }
  static ProgressReading unpack(std::uint64_t word) noexcept {
    return {static_cast<Phase>((word >> 1) & 7), static_cast<std::uint32_t>((word >> 4) & 63),
            static_cast<std::uint32_t>((word >> 10) & 0xfff), word >> 22, 0};
  }

  std::atomic<std::uint64_t> word_{0};
  std::atomic<std::uint64_t> bytes_{0};  // twice the count, and 1 when closed
};

}  // namespace octo
