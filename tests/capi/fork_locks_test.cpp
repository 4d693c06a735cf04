// Row 69 of the fault catalogue: a fork waits until no thread of the library is inside libcurl or OpenSSL, whose locks
// would stay taken in the child; but not long, and not longer for many threads.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <iostream>
#include <thread>

#include "capi/child.hpp"
#include "capi/slow_locks.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr char kScript[] = R"({"default": {"size": 3000, "connection_close": true}})";

bool is_complete(const Client &client, const std::string &prefix, std::size_t count) {
  const auto keys = numbered_keys(prefix, count);
  std::string why;
  const bool is_right = all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why);
  if (!is_right) std::cerr << why << '\n';
  return is_right;
}

TEST(fork_locks_test, row_69_a_fork_finds_no_lock_of_openssl_taken_by_a_thread_of_the_library) {
  const OriginProcess origin(kScript);
  const Client client = open_client(origin.url("https"), {{"tls.ca_file", origin.ca_file()}});
  ASSERT_TRUE(is_complete(client, "before", 5));
  hold_locks(100);
  std::uint32_t met = 0;
  int awaited = 0;
  for (int round = 0; round < 20; ++round) {
    const Batch batch = submit(client, numbered_keys("parent", 50), {kBudget_us});
    // Somewhere within the handshakes.
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 10));
    met += locks_held();
    Child child(
        [&] {
          if (locks_held() != 0) return 1;
          hold_locks(0);
          return is_complete(client, "child", 5) ? 0 : 2;
        },
        round % 2 == 0 ? Ending::at_once : Ending::with_exit_handlers);
    // On a busy machine a thread may be kept from coming round; then the fork goes on, and the child may find anything.
    const bool is_awaited = child.fork_took() < 20ms;
    awaited += is_awaited ? 1 : 0;
    const int answer = child.wait(is_awaited ? 10'000ms : 100ms);
    EXPECT_TRUE(answer == 0 || !is_awaited) << "round " << round << ": " << answer;
    octo_batch_cancel(batch.get());
  }
  hold_locks(0);
  EXPECT_GE(awaited, 10);
  EXPECT_GE(met, 1U) << "the forks came when no lock was taken anyway";
  EXPECT_TRUE(is_complete(client, "after", 50));
}

}  // namespace
}  // namespace octo_test
