// The attempts of one batch, kept for whoever asked for them: each exchange on the wire from its start to its end, or as
// far as it had come at the freeze. What a reader has seen after the freeze never changes.
//
// Threads: begin, and an entry's notes, belong to the I/O thread; closing and reading to any, after the freeze.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/phase.hpp"
#include "base/status.hpp"
#include "batch/progress.hpp"

namespace octo {

// Why an exchange was started; numbers as in octofetch.h.
enum class AttemptCause : std::uint8_t { first = 0, next_address = 1, rerun = 2 };

const char *attempt_cause_name(AttemptCause cause) noexcept;

struct AttemptStart {
  std::uint32_t index = 0;   // of the request in its batch
  std::uint32_t number = 0;  // 1 for the first of its request
  AttemptCause cause = AttemptCause::first;
  std::uint64_t at_us = 0;  // from submit
};

struct AttemptEnd {
  Status status = Status::internal;
  Phase phase = Phase::connecting;
  bool reused = false;
  std::uint32_t http_status = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t since_us = 0;  // start of `phase`
  std::uint64_t at_us = 0;
  std::array<std::uint64_t, kPhaseCount> phase_us{};  // on the wire; where it was cut, of its last phase alone
};

class AttemptEntry {
 public:
  void begin(const AttemptStart &start, std::string_view address) noexcept;
  void enter(Phase phase, std::uint64_t since_us) noexcept;
  void note_bytes(std::uint64_t received) noexcept { progress_.note_bytes(received); }
  // Nothing happens when a reader has closed it.
  void end(const AttemptEnd &end) noexcept;

  const AttemptStart &start() const noexcept { return start_; }
  const char *address() const noexcept { return address_.data(); }
  // Null when it had not ended at the freeze; closes it.
  const AttemptEnd *ended() noexcept;
  // How far it had come, where ended() is null.
  ProgressReading progress() noexcept { return progress_.close(); }

 private:
  enum class State : std::uint8_t { running, ended, closed };

  AttemptStart start_;
  AttemptEnd end_;
  std::array<char, 64> address_{};  // "192.0.2.7:443", ends in NUL
  Progress progress_;
  std::atomic<State> state_{State::running};
};

class AttemptLog {
 public:
  // Null, and nothing is kept, when a reader has closed the log or there is no room.
  AttemptEntry *begin(const AttemptStart &start, std::string_view address) noexcept;
  // How many there are, for ever; in the order they were begun.
  std::uint32_t close() noexcept;
  AttemptEntry &at(std::uint32_t position) const noexcept;

 private:
  // Entries stay where they are. Each chunk has twice the entries of the one before, up to so many that making them holds up
  // no other batch. The last one is for 16,384 requests, each of which may try 4 addresses, each twice.
  static constexpr std::uint32_t kSmallestChunk = 8;
  static constexpr std::uint32_t kLargestChunk = 512;
  static constexpr std::size_t kChunksMax = 16'384 * 4 * 2 / kLargestChunk + 6;
  struct Place {
    std::size_t chunk;
    std::uint32_t chunk_size;
    std::uint32_t offset;
  };
  static Place place_of(std::uint32_t position) noexcept;

  // Written before the word counts an entry of theirs.
  std::array<std::unique_ptr<AttemptEntry[]>, kChunksMax> chunks_;
  std::atomic<std::uint32_t> word_{0};  // twice the count, and 1 when closed
};

}  // namespace octo
