// Ctrl-C and kill: the first one is noted, so that what has arrived can be kept; a second one ends the process.
#pragma once

namespace octo::cli {

// Takes over SIGINT and SIGTERM where they are not ignored, and turns SIGPIPE into an error of the write.
void catch_interrupts() noexcept;

// The signal that came, or 0. Threads: any.
int interrupt_signal() noexcept;

}  // namespace octo::cli
