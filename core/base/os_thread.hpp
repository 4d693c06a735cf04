// Threads of the library: detached, named, with all signals blocked, counted so that octo_shutdown can wait for them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace octo {

// Starts `body(context)`. False when the system has no thread to give.
// The thread blocks every signal but those that report its own faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL).
[[nodiscard]] bool start_thread(const char *name, std::size_t stack_bytes, void (*body)(void *),
                                void *context) noexcept;

// How many threads of the library run in this process.
std::uint32_t threads_running() noexcept;

// Waits until none runs or the instant comes. True when none runs.
bool wait_for_threads(Instant until) noexcept;

// The process is about to exit. From here on a thread of the library that comes round enters no other library any more,
// since those free what they share in exit handlers of their own, and parks.
void begin_exit() noexcept;
bool is_exiting() noexcept;

// Counts the thread as ended and keeps it where it is until the process is gone: what it holds is in nobody's way, and
// giving it back would take longer than an exit may.
[[noreturn]] void park_for_exit() noexcept;

// In a child of fork: the parent's threads do not exist here, nor does its exit begin here.
void forget_threads() noexcept;

}  // namespace octo
