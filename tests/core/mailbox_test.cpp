// The mailbox: nothing is lost, nothing comes twice, and there is one reader at a time, however often it stops and starts.
#include "client/mailbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace octo {
namespace {

std::vector<MailNode *> to_vector(MailNode *node) {
  std::vector<MailNode *> nodes;
  for (; node != nullptr; node = node->next) nodes.push_back(node);
  return nodes;
}

std::uint64_t drain(int fd) {
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) == sizeof count ? count : 0;
}

// A mailbox whose reader listens on a descriptor.
class OpenMailbox {
 public:
  OpenMailbox() {
    MailNode first;
    EXPECT_EQ(mailbox.push(&first), Mailbox::Push::start_thread);
    mailbox.take_all();
    mailbox.open(fd);
  }
  ~OpenMailbox() { ::close(fd); }

  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  Mailbox mailbox;
};

TEST(Mailbox, the_first_push_asks_for_a_reader_and_the_next_does_not) {
  Mailbox mailbox;
  std::array<MailNode, 3> nodes;
  EXPECT_TRUE(mailbox.is_stopped());
  EXPECT_EQ(mailbox.push(&nodes[0]), Mailbox::Push::start_thread);
  EXPECT_FALSE(mailbox.is_stopped());
  EXPECT_EQ(mailbox.push(&nodes[1]), Mailbox::Push::delivered);
  EXPECT_EQ(mailbox.push(&nodes[2]), Mailbox::Push::delivered);
  EXPECT_EQ(to_vector(mailbox.take_all()), (std::vector<MailNode *>{&nodes[0], &nodes[1], &nodes[2]}));
  EXPECT_EQ(mailbox.take_all(), nullptr);
}

TEST(Mailbox, stops_only_when_it_is_empty) {
  Mailbox mailbox;
  std::array<MailNode, 2> nodes;
  mailbox.push(&nodes[0]);
  EXPECT_FALSE(mailbox.try_stop());
  mailbox.take_all();
  EXPECT_TRUE(mailbox.try_stop());
  EXPECT_TRUE(mailbox.is_stopped());
  EXPECT_EQ(mailbox.push(&nodes[1]), Mailbox::Push::start_thread);
}

TEST(Mailbox, a_push_wakes_the_reader_when_the_list_was_empty_and_else_not) {
  OpenMailbox open;
  std::array<MailNode, 3> nodes;
  open.mailbox.push(&nodes[0]);
  open.mailbox.push(&nodes[1]);
  EXPECT_EQ(drain(open.fd), 1u);
  open.mailbox.take_all();
  open.mailbox.push(&nodes[2]);
  EXPECT_EQ(drain(open.fd), 1u);
}

TEST(Mailbox, wake_reaches_a_reader_and_nobody_else) {
  OpenMailbox open;
  open.mailbox.wake();
  EXPECT_EQ(drain(open.fd), 1u);
  ASSERT_TRUE(open.mailbox.try_stop());
  open.mailbox.wake();
  EXPECT_EQ(drain(open.fd), 0u);
}

TEST(Mailbox, without_a_descriptor_a_push_ends_the_wait) {
  Mailbox mailbox;
  MailNode first;
  MailNode second;
  mailbox.push(&first);
  const std::uint32_t turn = mailbox.turn();
  mailbox.take_all();
  std::thread pusher([&] { mailbox.push(&second); });
  while (mailbox.turn() == turn) mailbox.wait(turn, kNever);
  pusher.join();
  EXPECT_EQ(mailbox.take_all(), &second);
}

TEST(Mailbox, who_could_not_start_a_reader_gets_everything_back) {
  Mailbox mailbox;
  std::array<MailNode, 2> nodes;
  EXPECT_EQ(mailbox.push(&nodes[0]), Mailbox::Push::start_thread);
  EXPECT_EQ(mailbox.push(&nodes[1]), Mailbox::Push::delivered);
  EXPECT_EQ(to_vector(mailbox.take_back()), (std::vector<MailNode *>{&nodes[0], &nodes[1]}));
  EXPECT_TRUE(mailbox.is_stopped());
}

// Readers stop as soon as they find nothing, so that most pushes meet one that stops.
TEST(MailboxRace, every_node_is_read_once_by_one_reader_at_a_time) {
  constexpr std::size_t kPushers = 4;
  constexpr std::size_t kNodes = 5000;
  Mailbox mailbox;
  std::vector<MailNode> nodes(kPushers * kNodes);
  std::vector<std::atomic<int>> seen(nodes.size());
  std::atomic<int> readers{0};
  std::atomic<std::size_t> readers_started{0};
  std::atomic<bool> overlapped{false};
  const auto read = [&] {
    if (readers.fetch_add(1) != 0) overlapped = true;
    readers_started.fetch_add(1);
    do {
      for (MailNode *node = mailbox.take_all(); node != nullptr;) {
        MailNode *next = node->next;
        seen[static_cast<std::size_t>(node - nodes.data())].fetch_add(1);
        node = next;
      }
      readers.fetch_sub(1);
      if (mailbox.try_stop()) return;
      readers.fetch_add(1);
    } while (true);
  };
  std::vector<std::thread> pushers;
  for (std::size_t pusher = 0; pusher < kPushers; ++pusher) {
    pushers.emplace_back([&, pusher] {
      for (std::size_t i = 0; i < kNodes; ++i) {
        // Whoever is told to start a reader becomes it.
        if (mailbox.push(&nodes[pusher * kNodes + i]) == Mailbox::Push::start_thread) read();
      }
    });
  }
  for (std::thread &pusher : pushers) pusher.join();
  for (const auto &count : seen) ASSERT_EQ(count, 1);
  EXPECT_TRUE(mailbox.is_stopped());
  EXPECT_FALSE(overlapped);
  EXPECT_GT(readers_started, 100u);
}

// A reader that sleeps in poll hears of everything; one that is late by a lost wake-up would sleep for ever.
TEST(MailboxRace, a_reader_with_a_descriptor_misses_no_push) {
  constexpr std::size_t kNodes = 20'000;
  OpenMailbox open;
  std::vector<MailNode> nodes(kNodes);
  std::atomic<std::size_t> read_count{0};
  std::thread reader([&] {
    while (read_count < kNodes) {
      pollfd wait{open.fd, POLLIN, 0};
      if (::poll(&wait, 1, 20'000) != 1) return;
      drain(open.fd);
      read_count += to_vector(open.mailbox.take_all()).size();
    }
  });
  std::vector<std::thread> pushers;
  for (std::size_t half = 0; half < 2; ++half) {
    pushers.emplace_back([&, half] {
      for (std::size_t i = half; i < kNodes; i += 2) open.mailbox.push(&nodes[i]);
    });
  }
  for (std::thread &pusher : pushers) pusher.join();
  reader.join();
  EXPECT_EQ(read_count, kNodes);
}

// The number of a closed descriptor may name something of the host's a moment later.
TEST(MailboxRace, nobody_writes_to_a_descriptor_that_was_closed) {
  for (int round = 0; round < 100; ++round) {
    OpenMailbox open;
    const int stranger = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    std::atomic<bool> is_over{false};
    std::vector<std::thread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        while (!is_over) open.mailbox.wake();
      });
    }
    std::this_thread::yield();
    open.mailbox.close_descriptor();
    ::dup3(stranger, open.fd, O_CLOEXEC);
    for (int i = 0; i < 4; ++i) std::this_thread::yield();
    ASSERT_EQ(drain(stranger), 0u) << round;
    is_over = true;
    for (std::thread &caller : callers) caller.join();
    ::close(stranger);
  }
}

}  // namespace
}  // namespace octo
