// The engine: everything mutable of one client in one process. Its thread starts with the first batch and ends when
// the client has been idle, is closed, or octo_shutdown asks; the next batch starts it again.
//
// A client in a forked child gets a new engine and leaks the parent's: nothing here is read, locked or freed there.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "base/latest.hpp"
#include "base/os_fork.hpp"
#include "batch/worst_batches.hpp"
#include "client/admission.hpp"
#include "client/engine_config.hpp"
#include "client/engine_credentials.hpp"
#include "client/mailbox.hpp"
#include "metrics/counters.hpp"
#include "resilience/service_time.hpp"
#include "schedule/schedule_state.hpp"

namespace octo {

class Engine final : public std::enable_shared_from_this<Engine> {
 public:
  Engine(std::shared_ptr<const EngineConfig> config, std::uint64_t generation);
  ~Engine() = default;

  std::uint64_t generation() const noexcept { return generation_; }

  // Any thread but the I/O thread. Adds the batch to the live ones; false when the engine is closed.
  bool enter(Admission &admission) noexcept;
  // Hands an entered batch over; starts the thread when there is none.
  void submit(Admission &admission) noexcept;
  // The owner gave the batch up.
  void leave(Admission &admission) noexcept;
  // Freezes every live batch.
  void freeze_all(Cause cause) noexcept;
  // No batch enters any more, and the thread ends by itself.
  void close() noexcept;
  // No batch enters any more; those that run go on.
  void refuse_new() noexcept;
  // The thread ends soon; a later batch starts another.
  void stop_thread() noexcept;
  // Status::ok when every batch that entered is frozen, Status::again when `until` came first.
  Status wait_until_frozen(Instant until) noexcept;

  // Any thread: a batch of this engine froze.
  void on_frozen(Admission &admission, Cause cause) noexcept;

  const EngineConfig &config() const noexcept { return *config_; }
  Counters &counters() noexcept { return counters_; }
  Ledger &ledger() const noexcept { return *ledger_; }
  const Ref<Ledger> &ledger_ref() const noexcept { return ledger_; }
  const Ref<AddressBook> &address_book() const noexcept { return address_book_; }

  EngineCredentials &credentials() noexcept { return credentials_; }

  bool has_thread() const noexcept { return !mailbox_->is_stopped(); }
  // Any thread but the I/O thread: what the I/O thread has published, at most kStateEvery behind what it knows.
  ScheduleState schedule_state() { return schedule_state_.read(); }
  static constexpr Duration kStateEvery = 100ms;
  // Any thread but the I/O thread: batches that were given up, and of the newest that are kept those that are bad.
  std::vector<BadBatch> worst_batches(Instant now);

  // Readers of gauges that the I/O thread computes, in microseconds.
  struct ServiceGauges {
    Counter p50_us;
    Counter p90_us;
    Counter p99_us;
  };
  ServiceGauges service_gauges;

 private:
  friend class LoopThread;
  static void run(void *engine) noexcept;
  void run_loop(LibraryVisit &visit) noexcept;
  Instant freeze_due() noexcept;
  void count_unsettled(const Batch &batch) noexcept;
  void fail_mail(MailNode *mail, const char *message) noexcept;
  void note_worst(Batch &batch) noexcept;
  std::vector<Ref<Batch>> kept_suspects(Instant now);

  // Fixed after construction. Lookups and bodies that outlive the engine may still wake the mailbox.
  const std::shared_ptr<const EngineConfig> config_;
  const std::uint64_t generation_;
  const std::shared_ptr<Mailbox> mailbox_;
  const Ref<Ledger> ledger_;
  const Ref<AddressBook> address_book_;

  // Any thread.
  Counters counters_;
  std::atomic<bool> is_closed_{false};
  std::atomic<bool> is_stop_requested_{false};
  std::atomic<std::uint32_t> unfrozen_{0};  // futex
  EngineCredentials credentials_;
  Latest<ScheduleState> schedule_state_;

  // Callers, under worst_mutex_; the I/O thread never takes it.
  std::mutex worst_mutex_;
  WorstBatches worst_;

  // Callers, under mutex_; the I/O thread never takes it.
  std::mutex mutex_;
  Admission *live_ = nullptr;

  // I/O thread only; kept from one thread to the next.
  ServiceTime service_time_;
  ServiceTime connect_time_;
};

}  // namespace octo
