// A client: one origin with its own engine, limits and statistics. Immutable configuration, and a pointer to the
// engine of this process.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ref.hpp"
#include "base/result.hpp"
#include "base/url.hpp"
#include "batch/batch.hpp"
#include "client/credential_slot.hpp"
#include "client/engine.hpp"
#include "client/options.hpp"
#include "client/queue.hpp"

namespace octo {

struct RequestSpec {
  std::string_view key;
  std::optional<std::string_view> query;
  std::optional<std::string_view> version_id;
  std::optional<std::string_view> if_none_match;
  std::optional<ByteRange> range;
  Priority priority = Priority::normal;
};

struct SubmitSpec {
  std::vector<RequestSpec> requests;
  std::optional<Duration> budget;
  std::optional<Instant> deadline;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  Ref<Queue> queue;
  bool streams = false;
  bool keeps_attempts = false;
  std::uint64_t tag = 0;
};

// No deadline lies further ahead.
inline constexpr Duration kBudgetMax = 600s;

class Client final : public Counted<Client> {
 public:
  static Result<Ref<Client>> open(std::string_view url, const Options &options);
  ~Client();

  // A batch whose clock runs since `submitted_at`, but which nobody works on yet.
  struct Prepared {
    Ref<Batch> batch;
    std::shared_ptr<Admission> admission;
    std::vector<std::pair<std::uint32_t, Failure>> invalid;  // requests that end at once
  };
  Result<Prepared> prepare(const SubmitSpec &spec, Instant submitted_at);
  // From here on the batch settles and freezes; false, and nothing starts, when the client is closed.
  bool start(Prepared &prepared) noexcept;

  Result<Done> set(std::string_view name, std::string_view value);
  Result<std::string> get(std::string_view name) const;
  // One JSON object, "v":1, at most 64 KiB: what is inside of it now. Waits for no I/O thread.
  std::string explain() const;
  // From the next attempt on; of an s3 origin alone.
  Result<Done> set_credentials(const CredentialText &text);
  // Opens connections; ok, or the first failure.
  Result<Done> warm(std::uint32_t connections, Duration wait);
  Status drain(Instant until) noexcept;
  void close() noexcept;
  // For octo_shutdown: cancels what runs, and ends the thread.
  void stop() const noexcept;
  // For the process's exit: lets the thread come round.
  void wake() const noexcept;

  // The engine of this process; null when none was started.
  std::shared_ptr<Engine> engine() const noexcept;

 private:
  struct EngineCell {
    std::uint64_t generation;
    std::shared_ptr<Engine> engine;
  };
  Client(OriginUrl origin, Options options, std::shared_ptr<const EngineConfig> config);
  Result<Request> check_request(const RequestSpec &spec) const;
  Result<Instant> deadline_of(const SubmitSpec &spec, Instant submitted_at) const;
  Result<Prepared> prepare_batch(BatchSpec spec);
  // Null without memory.
  std::shared_ptr<Engine> ensure_engine();

  // Fixed after construction.
  const OriginUrl origin_;
  const Options options_;
  const std::shared_ptr<const EngineConfig> config_;
  const bool is_exposed_;  // plain http to another host

  // Any thread. A parent's cell is leaked in a child.
  std::atomic<EngineCell *> cell_{nullptr};
  std::atomic<bool> is_closed_{false};
  CredentialSlot credentials_;
  // Reloadable options; the unset budget is -1.
  std::atomic<std::int64_t> budget_ns_{-1};
  std::atomic<std::uint64_t> memory_max_;
};

}  // namespace octo
