// The latest value of a thread, read whole by others while it writes.
#include "base/latest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace octo {
namespace {

using Value = std::array<std::uint64_t, 64>;

Value all(std::uint64_t number) {
  Value value{};
  value.fill(number);
  return value;
}

TEST(Latest, is_empty_before_the_first_value) {
  Latest<Value> latest;
  EXPECT_EQ(latest.read(), Value{});
}

TEST(Latest, is_the_last_value_however_many_came_before) {
  Latest<Value> latest;
  for (std::uint64_t number = 1; number < 10; ++number) {
    for (std::uint64_t times = 0; times < number; ++times) latest.publish(all(number * 100 + times));
    EXPECT_EQ(latest.read(), all(number * 100 + number - 1));
    EXPECT_EQ(latest.read(), all(number * 100 + number - 1)) << "it stays";
  }
}

TEST(Latest, is_whole_and_never_goes_back_while_it_is_written) {
  constexpr std::uint64_t kCount = 20'000;
  Latest<Value> latest;
  std::atomic<bool> has_torn{false};
  const auto read = [&] {
    std::uint64_t before = 0;
    while (before != kCount) {
      const Value value = latest.read();
      if (value != all(value[0]) || value[0] < before) has_torn = true;
      before = value[0];
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (std::uint64_t number = 1; number <= kCount; ++number) latest.publish(all(number));
  for (std::thread &reader : readers) reader.join();
  EXPECT_FALSE(has_torn);
}

}  // namespace
}  // namespace octo
