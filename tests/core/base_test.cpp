// The ground everything stands on: text that is safe to show, buffers, byte accounts, waiting, and telling a child of fork.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "base/buffer.hpp"
#include "base/byte_range.hpp"
#include "base/clock.hpp"
#include "base/ledger.hpp"
#include "base/os_futex.hpp"
#include "base/os_generation.hpp"
#include "base/os_memory.hpp"
#include "base/os_thread.hpp"
#include "base/phase.hpp"
#include "base/printable.hpp"
#include "base/result.hpp"
#include "base/status.hpp"
#include "base/time.hpp"

namespace octo {
namespace {

TEST(Time, later_by_saturates_instead_of_overflowing) {
  EXPECT_EQ(later_by(Instant(5s), 3s), Instant(8s));
  EXPECT_EQ(later_by(Instant(5s), Duration::max()), kNever);
  EXPECT_EQ(later_by(kNever, 1s), kNever);
  EXPECT_EQ(later_by(Instant(5s), -2s), Instant(3s));
}

TEST(Time, microseconds_are_counted_down_and_never_negative) {
  EXPECT_EQ(count_us(Duration(1999)), 1u);
  EXPECT_EQ(count_us(-5s), 0u);
  EXPECT_EQ(count_us(Duration::max()), static_cast<std::uint64_t>(INT64_MAX) / 1000);
}

TEST(Time, age_is_the_largest_of_all_clocks) {
  const AgeClock::Reading then{10s, 20s, 30s};
  EXPECT_EQ(AgeClock::elapsed(then, {11s, 21s, 31s}), 1s);
  EXPECT_EQ(AgeClock::elapsed(then, {11s, 3620s, 31s}), 3600s) << "the host slept";
  EXPECT_EQ(AgeClock::elapsed(then, {11s, 21s, 930s}), 900s) << "the time was set forward";
  EXPECT_EQ(AgeClock::elapsed(then, {11s, 21s, 1s}), 1s) << "or back";
}

TEST(Time, the_system_clock_does_not_go_back) {
  const Instant first = system_clock().now();
  for (int i = 0; i < 1000; ++i) ASSERT_GE(system_clock().now(), first);
}

TEST(Printable, shows_text_and_escapes_what_would_act) {
  EXPECT_EQ(printable("photos/a b.jpg"), "photos/a b.jpg");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80"), "gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80");
  EXPECT_EQ(printable("\x1b[31m\n\r\t\x7f"), "\\x1b[31m\\x0a\\x0d\\x09\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\"\\"), "\\x22\\x5c");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "a C1 control";
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "a mark that reorders text";
}

TEST(Printable, is_cut_at_its_limit_and_never_inside_a_character) {
  EXPECT_EQ(printable("abcdef", 4), "abcd...");
  EXPECT_EQ(printable("abcd", 4), "abcd");
  EXPECT_EQ(printable("abc\xc3\xbc", 4), "abc...");
  EXPECT_EQ(printable("ab\n", 4), "ab...");
}

TEST(Printable, row_55_only_valid_utf8_is_taken_for_it) {
  for (const char *valid :
       {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(valid)) << printable(valid);
  }
  for (const char *invalid : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                              "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "a\xff", "\xc3\x28"}) {
    EXPECT_FALSE(is_utf8(invalid)) << printable(invalid);
    EXPECT_TRUE(is_utf8(printable(invalid)));
  }
}

TEST(Buffer, holds_what_was_appended) {
  Buffer buffer;
  EXPECT_EQ(buffer.size(), 0u);
  ASSERT_TRUE(buffer.append("", 0));
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(buffer.append(piece.data(), piece.size()));
    expected += piece;
  }
  EXPECT_EQ(std::string(reinterpret_cast<const char *>(buffer.data()), buffer.size()), expected);
}

TEST(Buffer, moves_its_bytes) {
  Buffer first;
  ASSERT_TRUE(first.append("abc", 3));
  Buffer second(std::move(first));
  Buffer third;
  third = std::move(second);
  EXPECT_EQ(third.size(), 3u);
  EXPECT_EQ(third.data()[2], 'c');
}

TEST(Buffer, row_17_says_so_when_there_is_not_that_much_memory) {
  Buffer buffer;
  ASSERT_TRUE(buffer.append("abc", 3));
  EXPECT_FALSE(buffer.reserve(static_cast<std::size_t>(PTRDIFF_MAX)));
  EXPECT_EQ(buffer.size(), 3u);
  EXPECT_EQ(buffer.data()[0], 'a');
}

TEST(Ledger, moves_bytes_from_active_to_delivered) {
  const Ref<Ledger> ledger = Ref<Ledger>::adopt(new Ledger(1000));
  ledger->charge(900);
  EXPECT_FALSE(ledger->is_exhausted());
  ledger->charge(101);
  EXPECT_TRUE(ledger->is_exhausted());
  ledger->deliver(600);
  EXPECT_EQ(ledger->active(), 401u);
  EXPECT_EQ(ledger->delivered(), 600u);
  ledger->forget_delivered(600);
  ledger->discharge(401);
  EXPECT_EQ(ledger->active() + ledger->delivered(), 0u);
}

TEST(Ledger, one_turn_may_overshoot_by_an_eighth) {
  const Ref<Ledger> ledger = Ref<Ledger>::adopt(new Ledger(800));
  ledger->charge(800);
  EXPECT_FALSE(ledger->would_overrun(100));
  EXPECT_TRUE(ledger->would_overrun(101));
  ledger->set_bytes_max(1600);
  EXPECT_FALSE(ledger->would_overrun(1000));
}

TEST(Futex, returns_at_once_when_the_word_differs_or_the_instant_is_over) {
  const std::atomic<std::uint32_t> word{5};
  futex_wait(word, 4, kNever);
  futex_wait(word, 5, Instant{});
  futex_wait(word, 5, system_clock().now());
}

TEST(Futex, wakes_whoever_waits) {
  std::atomic<std::uint32_t> word{0};
  std::thread waiter([&] {
    while (word.load() == 0) futex_wait(word, 0, kNever);
  });
  word = 1;
  futex_wake_all(word);
  waiter.join();
}

TEST(Threads, are_counted_until_they_end) {
  static std::atomic<std::uint32_t> gate{0};
  gate = 0;
  ASSERT_TRUE(start_thread(
      "octo-test", 128 * 1024,
      [](void *) {
        while (gate.load() == 0) futex_wait(gate, 0, kNever);
      },
      nullptr));
  EXPECT_EQ(threads_running(), 1u);
  EXPECT_FALSE(wait_for_threads(system_clock().now()));
  gate = 1;
  futex_wake_all(gate);
  EXPECT_TRUE(wait_for_threads(system_clock().now() + 20s));
  EXPECT_EQ(threads_running(), 0u);
}

// Runs `check` in a child; true when it answered so there.
template <typename Check>
bool holds_in_child(Check check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int answer = 0;
  return child > 0 && ::waitpid(child, &answer, 0) == child && WIFEXITED(answer) && WEXITSTATUS(answer) == 0;
}

TEST(ProcessGeneration, row_69_differs_in_a_child_and_in_its_child) {
  const std::uint64_t own = process_generation();
  EXPECT_NE(own, 0u);
  EXPECT_EQ(process_generation(), own);
  EXPECT_TRUE(holds_in_child([own] {
    const std::uint64_t childs = process_generation();
    return childs != own && childs != 0 && childs == process_generation() &&
           holds_in_child([own, childs] { return process_generation() != own && process_generation() != childs; });
  }));
  EXPECT_EQ(process_generation(), own);
}

TEST(ProcessGeneration, row_69_a_child_that_never_asked_before_differs_from_its_own_child) {
  const std::uint64_t own = process_generation();
  EXPECT_TRUE(holds_in_child([own] {
    // This process asks only after it has forked.
    const bool grandchild_differs = holds_in_child([own] { return process_generation() != own; });
    return grandchild_differs && process_generation() != own;
  }));
}

TEST(Status, the_table_has_each_status_once) {
  std::set<std::int32_t> numbers;
  std::set<std::string> names;
  for (const StatusRow &row : status_table()) {
    EXPECT_TRUE(numbers.insert(static_cast<std::int32_t>(row.status)).second);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(std::string(row.text).back(), '.') << row.name;
    EXPECT_EQ(find_status(static_cast<std::int32_t>(row.status)), &row);
  }
  EXPECT_EQ(numbers.size(), kStatusCount);
  EXPECT_EQ(find_status(-1), nullptr);
  EXPECT_EQ(find_status(29), nullptr);
  EXPECT_EQ(find_status(1000), nullptr);
}

TEST(Status, phases_have_names) {
  EXPECT_STREQ(phase_name(Phase::queued), "queued");
  EXPECT_STREQ(phase_name(Phase::receiving), "receiving");
}

TEST(ByteRange, is_written_as_the_header_has_it) {
  EXPECT_EQ(range_text({ByteRange::Kind::closed, 0, 99}), "bytes=0-99");
  EXPECT_EQ(range_text({ByteRange::Kind::from, 100, 0}), "bytes=100-");
  EXPECT_EQ(range_text({ByteRange::Kind::suffix, 0, 20}), "bytes=-20");
  EXPECT_EQ(range_text({ByteRange::Kind::closed, 0, UINT64_MAX}), "bytes=0-18446744073709551615");
}

TEST(Result, is_a_value_or_a_failure) {
  const Result<int> good = 7;
  const Result<int> bad = Failure{Status::closed, "why"};
  EXPECT_TRUE(good.is_ok());
  EXPECT_EQ(good.value(), 7);
  EXPECT_FALSE(bad.is_ok());
  EXPECT_EQ(bad.failure().status, Status::closed);
  EXPECT_EQ(bad.failure().text, "why");
}

TEST(Memory, the_limit_of_the_control_group_is_some_memory) { EXPECT_GT(memory_limit_bytes(), 1u << 20); }

}  // namespace
}  // namespace octo
