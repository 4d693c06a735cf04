// The scenario of promise 4, right bytes: rounds of fetches from an origin that injects what may put a wrong body behind
// a key, each delivered body compared with the one that belongs to it.
//
// One scenario for two programs: the library as it is, where no body may be wrong, and a copy without the guard, where
// some must be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {

// What an origin injects into the replies of keys that begin with "<name>/".
struct Injection {
  std::string name;
  std::string counter;    // of the origin's report
  std::string reply;      // JSON
  std::size_t body_size;  // of an OK body, when there is one
  bool strikes_idle;      // after the reply, on the connection that became idle
};
// Everything that arrives before a connection is used again, and broken ends of replies.
const std::vector<Injection> &injections();

struct Tally {
  std::uint64_t fetches = 0;
  std::uint64_t ok = 0;
  std::uint64_t wrong = 0;
  std::string first_wrong;
  std::uint64_t clean_lost = 0;  // keys without an injection of their own that did not arrive
  std::string first_lost;
  std::map<octo_status, std::uint64_t> statuses;
};

class RightBytes {
 public:
  // `listener` is "http" or "https". Several addresses are 127.0.0.1, 127.0.0.2 and so on.
  explicit RightBytes(const std::string &listener, std::size_t addresses = 1, std::uint64_t seed = 1);

  // Injections in answers under way, then some on idle connections, each with clean keys among them and after them.
  void round();
  // Rounds until at least so many keys were fetched and so many of each kind injected.
  void run(std::uint64_t fetches_min, std::uint64_t injections_min);
  // Rounds until a body was wrong, at most so many.
  void run_until_wrong(int rounds_max);

  const Tally &tally() const { return tally_; }
  std::uint64_t injected(const Injection &injection) const { return origin_.counter(injection.counter); }
  octo_stats stats() const { return octo_test::stats(client_); }
  std::string report() const;

 private:
  void fetch_mixed();
  void fetch_idle();
  void fetch_clean();
  void fetch_and_compare(const std::vector<std::string> &keys);
  void compare(const std::string &key, const Result &result);
  std::string next_key(const std::string &prefix) { return prefix + "/" + std::to_string(++keys_made_); }
  bool has_injected(std::uint64_t injections_min) const;

  OriginProcess origin_;
  Client client_;
  std::mt19937_64 random_;
  std::uint64_t keys_made_ = 0;
  std::size_t idle_turn_ = 0;
  Tally tally_;
};

}  // namespace octo_test
