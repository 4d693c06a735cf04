// Memory that the host gives back is freed by the library's thread, as long as there is one, and never stays behind.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "capi/watched_free.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr char kScript[] = R"({"default": {"size": 20000}, "paths": {"/large": {"size": 3000000}}})";
constexpr size_t kBodiesOfASlice = 256;

class giving_back_test : public ::testing::Test {
 protected:
  // A body that its batch no longer holds.
  octo_body *body_of(const std::string &key) {
    const Batch batch = submit(client, {key});
    EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
    octo_result result{};
    EXPECT_EQ(octo_batch_results(batch.get(), 0, &result, sizeof result, 1), OCTO_OK);
    EXPECT_EQ(result.status, OCTO_OK) << result.message;
    return octo_body_retain(result.body_handle);
  }

  static void watch_and_release(octo_body *body) {
    watch_free(octo_body_data(body));
    octo_body_release(body);
  }

  OriginProcess origin{kScript};
  Client client = open_client(origin.url("http"));
};

TEST_F(giving_back_test, a_body_is_freed_by_the_librarys_thread_in_its_next_turn) {
  octo_body *const body = body_of("a");
  watch_and_release(body);
  // At once, unless the library still has the batch in hand.
  EXPECT_TRUE(eventually([&] { return stats(client).memory_delivered == 0; }));
  fetch(client, {"b"});
  EXPECT_TRUE(eventually([] { return freed_by() != 0; }));
  EXPECT_NE(freed_by(), ::getpid());
}

TEST_F(giving_back_test, some_megabytes_wake_a_thread_that_sleeps) {
  std::vector<octo_body *> bodies;
  for (size_t i = 0; i < kBodiesOfASlice; ++i) bodies.push_back(body_of(std::to_string(i)));
  // Longer than what the thread publishes by itself after its last batch.
  std::this_thread::sleep_for(300ms);
  watch_free(octo_body_data(bodies.front()));
  for (octo_body *body : bodies) octo_body_release(body);
  EXPECT_TRUE(eventually([] { return freed_by() != 0; }));
  EXPECT_NE(freed_by(), ::getpid());
}

TEST_F(giving_back_test, what_waits_is_freed_before_the_thread_ends) {
  octo_body *const body = body_of("a");
  std::this_thread::sleep_for(300ms);
  watch_and_release(body);
  ASSERT_EQ(octo_shutdown(5'000'000), OCTO_OK);
  EXPECT_NE(freed_by(), 0);
  EXPECT_NE(freed_by(), ::getpid());
}

TEST_F(giving_back_test, without_a_thread_a_body_is_freed_at_once) {
  octo_body *const body = body_of("a");
  ASSERT_EQ(octo_shutdown(5'000'000), OCTO_OK);
  watch_and_release(body);
  EXPECT_EQ(freed_by(), ::getpid());
}

TEST_F(giving_back_test, a_large_body_is_freed_at_once) {
  octo_body *const body = body_of("large");
  // By then the library's thread has let go of the batch, and so of the body.
  fetch(client, {"b"});
  watch_and_release(body);
  EXPECT_EQ(freed_by(), ::getpid());
}

}  // namespace
}  // namespace octo_test
