// How one request ended. Built aside by the settling thread, immutable once the batch's word points to it.
#pragma once

#include <cstdint>
#include <string>

#include "base/phase.hpp"
#include "base/ref.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "batch/body.hpp"

namespace octo {

enum class Source : std::uint8_t { origin = 0, cache = 1, revalidated = 2, stale = 3, coalesced = 4 };

const char *source_name(Source source) noexcept;

struct PhaseTimes {
  Duration queued{};
  Duration resolving{};
  Duration connecting{};
  Duration securing{};
  Duration waiting{};
  Duration receiving{};
};

// Aligned so that the batch's word has three bits left for the cause of the freeze.
struct alignas(16) Outcome {
  Status status = Status::internal;
  Source source = Source::origin;
  Phase phase = Phase::queued;  // where it ended
  bool reused = false;
  bool partial = false;
  std::uint32_t http_status = 0;
  std::uint32_t attempts = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t object_size = 0;
  Ref<Body> body;
  std::string headers;  // name NUL value NUL ...
  std::string message;
  std::string error_code;
  std::string request_id;
  std::string extended_request_id;
  std::string address;
  PhaseTimes times;
  Instant since{};       // start of `phase`
  Instant settled_at{};  // set by Batch::settle

  // Set by Batch::settle.
  std::uint32_t index = 0;
  std::uint32_t number = 0;            // 1 for the first settled of the batch
  std::uint64_t body_bytes_total = 0;  // of this and all before it
  std::uint64_t ok_total = 0;          // ok and not modified, of this and all before it
  const Outcome *previous = nullptr;
};

}  // namespace octo
