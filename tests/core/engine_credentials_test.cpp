// Credentials on their way from the host to the I/O thread, also into the child of a fork.
#include "client/engine_credentials.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace octo {
namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'000'000)};

Ref<SharedCredentials> shared(const std::string &id, std::optional<std::chrono::sys_seconds> expires_at = {}) {
  auto made = make_credentials({id, "secret", "", expires_at});
  EXPECT_TRUE(made.is_ok());
  return Ref<SharedCredentials>::adopt(new SharedCredentials(std::move(made.value())));
}

std::string picked(EngineCredentials &credentials, std::chrono::sys_seconds now = kNow) {
  const auto answer = credentials.pick(now);
  return answer.is_ok() ? std::string(answer.value()->access_key_id()) : answer.failure().text;
}

// Gives credentials as a client does.
void give(EngineCredentials &engine, CredentialSlot &slot, Ref<SharedCredentials> credentials) {
  slot.put(std::move(credentials));
  engine.take_over(slot);
}

TEST(EngineCredentials, the_last_ones_handed_over_sign) {
  CredentialSlot slot;
  EngineCredentials credentials;
  EXPECT_EQ(picked(credentials), "no credentials are set for an origin whose requests are signed");
  give(credentials, slot, shared("FIRST"));
  give(credentials, slot, shared("SECOND"));
  EXPECT_EQ(picked(credentials), "SECOND");
  EXPECT_EQ(picked(credentials), "SECOND");
  give(credentials, slot, shared("THIRD"));
  EXPECT_EQ(picked(credentials), "THIRD");
}

TEST(EngineCredentials, those_before_sign_while_the_newest_are_expired) {
  CredentialSlot slot;
  EngineCredentials credentials;
  give(credentials, slot, shared("OLD", kNow + std::chrono::seconds(100)));
  EXPECT_EQ(picked(credentials), "OLD");
  give(credentials, slot, shared("STALE", kNow - std::chrono::seconds(1)));
  EXPECT_EQ(picked(credentials), "OLD");
  EXPECT_EQ(picked(credentials, kNow + std::chrono::seconds(100)), "the credentials have expired; set new ones");
}

TEST(CredentialSlot, holds_what_was_put_last) {
  CredentialSlot slot;
  EXPECT_FALSE(slot.get());
  slot.put(shared("A"));
  slot.put(shared("B"));
  EXPECT_EQ(slot.get()->value.access_key_id(), "B");
}

TEST(CredentialSlot, many_threads_put_and_get) {
  CredentialSlot slot;
  slot.put(shared("A"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&slot, i] {
      for (int k = 0; k < 2000; ++k) {
        if (i % 2 == 0) slot.put(shared("A"));
        EXPECT_EQ(slot.get()->value.access_key_id(), "A");
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
}

// A thread that is inside at the fork never leaves in the child.
TEST(CredentialSlot, row_69_a_child_is_not_kept_out_by_its_parents_threads) {
  CredentialSlot slot;
  slot.put(shared("A"));
  std::atomic<bool> is_over{false};
  std::thread busy([&] {
    while (!is_over) slot.put(shared("A"));
  });
  for (int i = 0; i < 100; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(10);
      _exit(slot.get()->value.access_key_id() == "A" ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  is_over = true;
  busy.join();
}

}  // namespace
}  // namespace octo
