// The clock thread: freezes due batches of queues at their deadlines, also when nobody waits and no I/O thread turns.
//
// One a process, started by the first batch with a queue and ended when it has been idle. It allocates nothing and
// takes no lock, so nothing that an engine does can hold it up.
#pragma once

#include "base/time.hpp"
#include "client/admission.hpp"

namespace octo {

// Any thread. The batch is announced to its queue at its deadline at the latest. False when no thread could be
// started; then the batch is closed.
[[nodiscard]] bool clock_add(Admission &admission) noexcept;
// Any thread: the batch is frozen, so the clock may let go of it.
void clock_remove(Admission &admission) noexcept;
// Ends the thread as soon as no batch is left.
void clock_stop() noexcept;

}  // namespace octo
