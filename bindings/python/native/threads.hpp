// Waits until threads of the library that have ended are gone for the kernel as well.
#pragma once

namespace octo_python {

// A thread that has ended is counted for another moment, even when it was joined, and Python warns of a fork then.
// Any thread; a few milliseconds at most.
void wait_until_vanished();

}  // namespace octo_python
