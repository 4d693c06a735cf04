// One scenario that a child process runs while one of its allocations fails: two clients, three keys over HTTP and one
// over HTTPS, twice, and the end of everything.
#pragma once

#include <octofetch.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "capi/failing_allocator.hpp"
#include "capi/leak_search.hpp"

namespace octo_test {

struct ScenarioOrigin {
  const char *http_url;
  const char *https_url;
  const char *ca_file;
};

// What the child writes into memory that it shares with its parent.
struct ScenarioReport {
  std::uint64_t made;
  std::array<std::uint64_t, kOwners> made_by;
  FailedAllocation failed;
  bool is_over;        // the scenario came to its end
  char trouble[400];   // the first thing that may not be; "" for none
  octo_status answer;  // the first call or request that did not succeed; OCTO_OK for none
  std::array<LeakSite, 32> leaks;
  std::size_t leak_count;
  int signal;                     // that ended it
  std::array<void *, 48> frames;  // where
  int frame_count;
};

// Whose allocations are counted and may fail.
enum class Victims {
  ours,  // of the library, libcurl and libuv
  // Of OpenSSL, on behalf of libcurl. It keeps what it could load half for the rest of the process, and loses small
  // pieces itself: nothing is asked of TLS and of its memory then.
  openssl,
};

// In the child; does not return.
[[noreturn]] void run_scenario(const ScenarioOrigin &origin, Victims victims, std::uint64_t fail_at,
                               ScenarioReport &report);

}  // namespace octo_test
