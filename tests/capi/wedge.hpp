// Blocks a thread of the library inside a function it calls, for as long as a test wants: the executable's own recv,
// getaddrinfo and malloc stand in front of libc's.
#pragma once

namespace octo_test {

enum class WedgePoint { none, receive, lookup, allocation };
// "a_lookup", for the names of tests.
const char *name_of(WedgePoint point) noexcept;

// The next call of that function on a thread of the library blocks until unwedge(), at most 5 s.
void wedge(WedgePoint point) noexcept;
// True once a thread sits in it; waits for that at most 5 s.
bool is_wedged() noexcept;
void unwedge() noexcept;

}  // namespace octo_test
