// Keeping and closing entries for attempt_log.hpp.
#include "batch/attempt_log.hpp"

#include <algorithm>
#include <new>

namespace octo {
namespace {

constexpr std::uint32_t kClosed = 1;

}  // namespace

const char *attempt_cause_name(AttemptCause cause) noexcept {
  constexpr const char *kNames[] = {"first", "next_address", "rerun"};
  return kNames[static_cast<std::size_t>(cause)];
}

void AttemptEntry::begin(const AttemptStart &start, std::string_view address) noexcept {
  start_ = start;
  const std::size_t size = std::min(address.size(), address_.size() - 1);
  std::copy_n(address.data(), size, address_.data());
  enter(Phase::connecting, start.at_us);
}

void AttemptEntry::enter(Phase phase, std::uint64_t since_us) noexcept { progress_.note({phase, 0, 0, since_us}); }

void AttemptEntry::end(const AttemptEnd &end) noexcept {
  if (state_.load(std::memory_order_relaxed) != State::running) return;
  end_ = end;
  State expected = State::running;
  state_.compare_exchange_strong(expected, State::ended, std::memory_order_release, std::memory_order_relaxed);
}

const AttemptEnd *AttemptEntry::ended() noexcept {
  State state = State::running;
  state_.compare_exchange_strong(state, State::closed, std::memory_order_acquire, std::memory_order_acquire);
  return state == State::ended ? &end_ : nullptr;
}

AttemptEntry *AttemptLog::begin(const AttemptStart &start, std::string_view address) noexcept {
  std::uint32_t word = word_.load(std::memory_order_relaxed);
  const std::uint32_t count = word >> 1;
  const Place place = place_of(count);
  if ((word & kClosed) != 0 || place.chunk >= kChunksMax) return nullptr;
  std::unique_ptr<AttemptEntry[]> &chunk = chunks_[place.chunk];
  if (chunk == nullptr) chunk.reset(new (std::nothrow) AttemptEntry[place.chunk_size]);
  if (chunk == nullptr) return nullptr;
  AttemptEntry &entry = chunk[place.offset];
  entry.begin(start, address);
  const bool is_kept =
      word_.compare_exchange_strong(word, (count + 1) << 1, std::memory_order_release, std::memory_order_relaxed);
  return is_kept ? &entry : nullptr;
}

std::uint32_t AttemptLog::close() noexcept { return word_.fetch_or(kClosed, std::memory_order_acquire) >> 1; }

AttemptEntry &AttemptLog::at(std::uint32_t position) const noexcept {
  const Place place = place_of(position);
  return chunks_[place.chunk][place.offset];
}

AttemptLog::Place AttemptLog::place_of(std::uint32_t position) noexcept {
  Place place{0, kSmallestChunk, position};
  for (; place.offset >= place.chunk_size && place.chunk_size < kLargestChunk; place.chunk_size *= 2) {
    place.offset -= place.chunk_size;
    ++place.chunk;
  }
  // From here on all have one size.
  place.chunk += place.offset / place.chunk_size;
  place.offset %= place.chunk_size;
  return place;
}

}  // namespace octo
