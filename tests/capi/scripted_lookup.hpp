// What the system's resolver answers to the library, scripted: the executable's own getaddrinfo stands in front of
// libc's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace octo_test {

// The next answers to the library's threads: a getaddrinfo error (0 for none) or these addresses, after a while.
struct LookupAnswer {
  int error = 0;
  std::vector<std::string> addresses;
};
void answer_lookups(const LookupAnswer &answer);
// Lookups sit until release_lookups().
void hold_lookups();
void release_lookups();
// The system answers again.
void answer_lookups_for_real();

std::size_t lookups_made();
// Sitting in a held lookup now, and the most there ever were.
std::size_t lookups_held();
std::size_t lookups_held_max();

}  // namespace octo_test
