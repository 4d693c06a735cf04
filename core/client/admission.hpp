// A batch's place in its engine: the mail that carries it, its alarm, and its entry in the list of live batches.
//
// It is the batch's host, and lives exactly as long as the batch.
#pragma once

#include <memory>

#include "batch/batch.hpp"
#include "client/mailbox.hpp"

namespace octo {

class Engine;

// The batch in the clock thread's list; that thread's alone, but for the mail.
struct Alarm {
  MailNode add;
  MailNode remove;
  Admission *earlier = nullptr;
  Admission *later = nullptr;
  bool is_listed = false;
};

class Admission final : public BatchHost {
 public:
  explicit Admission(std::shared_ptr<Engine> owner);

  void on_frozen(Batch &frozen, Cause cause) noexcept override;
  void on_freed(Batch &freed) noexcept override;

  // Fixed before the batch is started.
  Batch *batch = nullptr;
  const std::shared_ptr<Engine> engine;

  // The engine counts it among the unfrozen.
  bool has_entered = false;

  MailNode submit;
  MailNode release;
  Alarm alarm;

  // The engine's list of live batches, under its mutex.
  Admission *previous_live = nullptr;
  Admission *next_live = nullptr;
  bool is_live = false;
};

}  // namespace octo
