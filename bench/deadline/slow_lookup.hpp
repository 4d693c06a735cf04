// Name lookups that do not answer: the program's own getaddrinfo stands in front of libc's.
#pragma once

namespace octo_bench {

// While an object of this exists, getaddrinfo sleeps; then it fails for whoever slept, and works again.
class SlowLookup {
 public:
  explicit SlowLookup(bool is_wanted);
  ~SlowLookup();
  SlowLookup(const SlowLookup &) = delete;
  SlowLookup &operator=(const SlowLookup &) = delete;
};

}  // namespace octo_bench
