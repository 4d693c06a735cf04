// A batch: requests that share one deadline, and the one word that says how it ended.
//
// The word points to the last settled outcome and carries the cause of the freeze in its low bits. Settling links an
// outcome to the one before and swaps it in; freezing swaps in a cause; the first cause wins, and nothing settles
// after it. Whoever touches a batch at or after its deadline freezes it, so the deadline does not depend on any one
// thread. No lock anywhere.
//
// Threads: settle and note_progress for one index belong to one thread at a time (the submitter, then the I/O thread);
// everything else to any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ledger.hpp"
#include "base/ref.hpp"
#include "base/returns.hpp"
#include "batch/address_book.hpp"
#include "batch/attempt_log.hpp"
#include "batch/outcome.hpp"
#include "batch/progress.hpp"
#include "batch/request.hpp"

namespace octo {

class Batch;

enum class Cause : std::uint8_t { open = 0, complete = 1, deadline = 2, cancelled = 3, closed = 4 };

// What an unsettled request reads as after a freeze for this cause.
Status status_of(Cause cause) noexcept;

// Told about a batch from any thread, with no lock held. Must not block.
class BatchHost {
 public:
  virtual ~BatchHost() = default;
  // Once per batch, by the thread that froze it.
  virtual void on_frozen(Batch &batch, Cause cause) noexcept = 0;
  // Its owner gave the batch up; by the owner's thread, once, after the freeze.
  virtual void on_freed(Batch &batch) noexcept = 0;
};

// Where a batch announces itself to an event loop. `announce` may be called again for what is announced already.
class Announcer : public Counted<Announcer> {
 public:
  static constexpr std::uint32_t kFrozen = 1;
  static constexpr std::uint32_t kSettled = 2;
  virtual ~Announcer() = default;
  virtual void announce(Batch &batch, std::uint32_t kinds) noexcept = 0;
};

// Fields of a batch that announcers use to link it; theirs alone.
struct AnnouncerLink {
  std::atomic<std::uint32_t> kinds{0};
  Batch *next = nullptr;
};

struct BatchSpec {
  Instant submitted_at{};
  Instant deadline{};
  std::uint64_t tag = 0;
  std::vector<Request> requests;
  std::vector<std::string> headers;  // "Name: value"
  std::shared_ptr<BatchHost> host;   // may be null
  Ref<Announcer> announcer;          // may be null
  bool streams = false;              // also announce kSettled
  bool keeps_attempts = false;
  Ref<Ledger> ledger;
  Ref<AddressBook> addresses;
};

class Batch final : public Counted<Batch>, public Returned {
 public:
  // Whoever makes a batch without requests freezes it as complete. May throw std::bad_alloc.
  Batch(BatchSpec spec, const Clock &clock);
  ~Batch() override;

  // Its bodies are given back at once, as the gauges count them; the rest when the I/O thread comes to it.
  static void let_go(Batch *batch) noexcept;

  std::uint32_t request_count() const noexcept { return count_; }
  const Request &request(std::uint32_t index) const noexcept { return spec_.requests[index]; }
  const std::vector<std::string> &headers() const noexcept { return spec_.headers; }
  Instant submitted_at() const noexcept { return spec_.submitted_at; }
  Instant deadline() const noexcept { return spec_.deadline; }
  std::uint64_t tag() const noexcept { return spec_.tag; }
  const AddressBook &addresses() const noexcept { return *spec_.addresses; }
  // Null where nobody asked for it.
  AttemptLog *attempt_log() const noexcept { return attempt_log_.get(); }

  // Ends the request at `index` with what is in `outcome`. False, and the outcome's body is dropped, when the batch
  // is frozen already or this very moment is its deadline.
  bool settle(std::uint32_t index, Outcome outcome) noexcept;
  void note_progress(std::uint32_t index, const ProgressReading &reading) noexcept;
  void note_bytes(std::uint32_t index, std::uint64_t received) noexcept;

  // False when another cause came first.
  bool freeze(Cause cause) noexcept;
  // Freezes a batch whose deadline is over, then says why it is frozen, or Cause::open.
  Cause touch() noexcept;
  // Without looking at the clock.
  Cause cause() const noexcept;

  // Status::ok when frozen, Status::again when `until` came first.
  Status wait(Instant until) noexcept;
  // Status::ok with an index, Status::again, or Status::end; each index once over all threads.
  Status next(Instant until, std::uint32_t &index) noexcept;
  // The outcome of a settled request; null for one that is not settled, for ever so after the freeze.
  const Outcome *outcome(std::uint32_t index) noexcept;
  // After the freeze: how far an unsettled request was. Closes its progress.
  ProgressReading unsettled(std::uint32_t index) noexcept;

  // The last settled outcome, whose totals count all before it; null for none.
  const Outcome *last_settled() const noexcept;
  std::uint32_t settled_count() const noexcept {
    const Outcome *last = last_settled();
    return last == nullptr ? 0 : last->number;
  }
  // After the freeze.
  Instant frozen_at() const noexcept;
  // Marks the first time a caller saw the freeze.
  void note_pickup(Instant now) noexcept;
  Duration pickup_lag() const noexcept;

  // The owner gives the batch up: cancels what is open.
  void give_up() noexcept;

  // For whoever polls due batches of queues: announces a freeze, once however many call.
  void announce_freeze() noexcept;
  AnnouncerLink &announcer_link() noexcept { return announcer_link_; }
  bool has_announcer() const noexcept { return static_cast<bool>(spec_.announcer); }

  // The handle that callers know this batch by, for events; 0 when freed.
  std::atomic<std::uintptr_t> handle{0};

 private:
  struct Slot {
    Outcome outcome;
    Progress progress;
    std::atomic<const Outcome *> settled{nullptr};
    std::atomic<const Outcome *> by_number{nullptr};
  };

  static Cause cause_of(std::uintptr_t word) noexcept { return static_cast<Cause>(word & kCauseBits); }
  static const Outcome *last_of(std::uintptr_t word) noexcept {
    return reinterpret_cast<const Outcome *>(word & ~kCauseBits);
  }
  void link(Outcome &outcome, const Outcome *previous) const noexcept;
  bool swap_in(Cause cause) noexcept;
  void drop_bodies() noexcept;
  void publish(const Outcome &outcome) noexcept;
  void on_settled(const Outcome &outcome) noexcept;
  void on_frozen(std::uintptr_t word) noexcept;
  void publish_down_to(std::uint32_t number) noexcept;
  bool take_settled(std::uint32_t &index) noexcept;
  bool take_unsettled(std::uint32_t &index) noexcept;

  static constexpr std::uintptr_t kCauseBits = 7;

  const BatchSpec spec_;
  const Clock &clock_;
  const std::uint32_t count_;
  const std::unique_ptr<Slot[]> slots_;
  const std::unique_ptr<AttemptLog> attempt_log_;

  std::atomic<std::uintptr_t> word_{0};
  std::atomic<std::int64_t> stopped_at_{0};     // when cancelled or closed, in nanoseconds
  std::atomic<std::int64_t> picked_up_at_{0};   // in nanoseconds
  std::atomic<std::uint32_t> frozen_word_{0};   // futex: 1 after the freeze
  std::atomic<std::uint32_t> settled_word_{0};  // futex: changes with each settled request
  std::atomic<std::uint32_t> waiters_{0};       // threads in wait
  std::atomic<std::uint32_t> streamers_{0};     // threads in next
  std::atomic<std::uint32_t> next_settled_{0};  // how many settled indexes next() has handed out
  std::atomic<std::uint32_t> next_unsettled_{0};
  std::atomic<bool> is_published_{false};  // every settled outcome is in its slot
  std::atomic<bool> is_announced_{false};
  AnnouncerLink announcer_link_;
};

}  // namespace octo
