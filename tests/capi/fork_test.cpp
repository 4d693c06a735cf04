// Row 69 of the fault catalogue: a process that forks again and again while ten threads of it fetch. Parent, children and
// grandchildren get right bytes over connections of their own, whatever way a child ends.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "capi/child.hpp"
#include "capi/process_state.hpp"
#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::size_t kSize = 3000;
constexpr std::uint64_t kBudget_us = 20'000'000;
constexpr int kThreads = 9;
constexpr char kScript[] = R"({"default": {"size": 3000}, "paths": {"/slow/*": {"size": 3000, "delay_ms": 20},
                               "/late/*": {"size": 3000, "delay_ms": 20}}})";
// Each request takes a connection, and over TLS a handshake, of its own.
constexpr char kChurnScript[] = R"({"default": {"size": 3000, "connection_close": true},
                                    "paths": {"/slow/*": {"size": 3000, "delay_ms": 20}}})";

OptionList options_for(const OriginProcess &origin, const std::string &listener) {
  // Many handshakes at once take a busy machine long.
  OptionList options = {{"connect.timeout", "20s"}};
  if (listener == "https") options["tls.ca_file"] = origin.ca_file();
  return options;
}

bool is_complete(const Client &client, const std::string &prefix, std::size_t count) {
  const auto keys = numbered_keys(prefix, count);
  std::string why;
  const bool is_right = all_right(keys, fetch(client, keys, {kBudget_us}), kSize, why);
  if (!is_right) std::cerr << why << '\n';
  return is_right;
}

// Threads that fetch until it ends, each by a client of its own or all by one.
class Fetchers {
 public:
  explicit Fetchers(std::vector<const Client *> clients) : clients_(std::move(clients)) {
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this, i] { run(i); });
  }
  ~Fetchers() { end(); }
  Fetchers(const Fetchers &) = delete;
  Fetchers &operator=(const Fetchers &) = delete;

  void end() {
    is_over_ = true;
    for (std::thread &thread : threads_) thread.join();
    threads_.clear();
  }
  std::uint64_t right() const { return right_; }
  std::uint64_t wrong() const { return wrong_; }

 private:
  void run(int index) {
    const Client &client = *clients_[static_cast<std::size_t>(index) % clients_.size()];
    const std::string prefix = "parent/" + std::to_string(index) + "-";
    while (!is_over_) (is_complete(client, prefix, 10) ? right_ : wrong_) += 1;
  }

  const std::vector<const Client *> clients_;
  std::atomic<bool> is_over_{false};
  std::atomic<std::uint64_t> right_{0};
  std::atomic<std::uint64_t> wrong_{0};
  std::vector<std::thread> threads_;
};

// "parent", "child/17" or "grandchild/17": who asks for this path.
std::string owner_of(const std::string &path) {
  const std::size_t who_ends = path.find('/', 1);
  const std::string who = path.substr(1, who_ends - 1);
  if (who == "parent" || who == "slow") return "parent";
  return (who == "grandchild" ? who : "child") + path.substr(who_ends, path.find('/', who_ends + 1) - who_ends);
}

// The parent has none, and is before all.
int round_of(const std::string &owner) {
  const std::size_t slash = owner.find('/');
  return slash == std::string::npos ? INT_MIN : std::stoi(owner.substr(slash + 1));
}

// Each connection served one process alone, and a child's began with its own first request. The origin remembers the
// last 1,000 paths, which are more than those of so many rounds.
constexpr int kRoundsReported = 40;

void expect_no_connection_shared(const OriginProcess &origin, int rounds) {
  const std::string reply = origin.control("GET", "/report");
  const auto report = nlohmann::json::parse(reply.substr(reply.find("\r\n\r\n") + 4));
  std::map<int, std::set<std::string>> owners;
  std::map<int, std::set<int>> places;
  for (const auto &request : report["last_requests"]) {
    const std::string owner = owner_of(request["path"]);
    const int connection = request["connection"];
    owners[connection].insert(owner);
    if (round_of(owner) >= rounds - kRoundsReported)
      places[connection].insert(static_cast<int>(request["nth_on_connection"]));
  }
  for (const auto &[connection, users] : owners) {
    EXPECT_EQ(users.size(), 1U) << "connection " << connection << " of " << *users.begin() << " and "
                                << *users.rbegin();
  }
  EXPECT_FALSE(places.empty());
  for (const auto &[connection, nths] : places) {
    EXPECT_EQ(*nths.begin(), 1) << "connection " << connection << " of " << *owners[connection].begin();
    EXPECT_EQ(*nths.rbegin(), static_cast<int>(nths.size())) << "of " << *owners[connection].begin();
  }
}

// What a child finds of its parent's; 0 when all is as it should be.
int look_at_stale(octo_batch *batch, octo_queue *queue) {
  std::size_t number = 0;
  octo_batch_info info{};
  octo_result result{};
  octo_event event{};
  if (octo_batch_wait(batch, 0) != OCTO_FORKED) return 1;
  if (octo_batch_wait(batch, OCTO_WAIT_FOREVER) != OCTO_FORKED) return 2;
  if (octo_batch_next(batch, OCTO_WAIT_FOREVER, &number) != OCTO_FORKED) return 3;
  if (octo_batch_describe(batch, &info, sizeof info) != OCTO_FORKED) return 4;
  if (octo_batch_results(batch, 0, &result, sizeof result, 1) != OCTO_FORKED) return 5;
  if (octo_batch_explain(batch, OCTO_EXPLAIN_LINE, nullptr, 0, &number) != OCTO_FORKED) return 6;
  if (octo_queue_take(queue, &event, sizeof event, 1, &number) != OCTO_FORKED) return 7;
  if (octo_queue_fd(queue) != -1) return 8;
  octo_batch_cancel(batch);
  return 0;
}

// Every submit to a parent's queue is refused.
bool is_queue_refused(const Client &client, octo_queue *queue) {
  octo_request request{};
  request.key = "key";
  request.key_size = 3;
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_QUEUE;
  options.budget_us = kBudget_us;
  options.queue = queue;
  octo_batch *batch = nullptr;
  return octo_submit(client.get(), &request, sizeof request, 1, &options, &batch, nullptr) == OCTO_FORKED &&
         batch == nullptr;
}

// A queue of its own announces, by the clock thread and by the I/O thread.
bool has_working_queue(const Client &client, const std::string &late, const std::string &soon) {
  octo_queue *raw = nullptr;
  if (octo_queue_create(nullptr, nullptr, &raw) != OCTO_OK) return false;
  const Queue queue(raw);
  const Batch cut = submit(client, {late}, {2'000, raw, 1});
  const Batch complete = submit(client, {soon}, {kBudget_us, raw, 2});
  std::uint64_t tags = 0;
  while (tags != 3) {
    pollfd watched{octo_queue_fd(raw), POLLIN, 0};
    octo_event event{};
    std::size_t count = 0;
    if (::poll(&watched, 1, 10'000) != 1) return false;
    if (octo_queue_take(raw, &event, sizeof event, 1, &count) != OCTO_OK) return false;
    if (count == 1) tags |= event.tag;
  }
  return true;
}

struct Round {
  int number = 0;
  const Client *client = nullptr;
  octo_batch *batch = nullptr;
  octo_queue *queue = nullptr;

  std::string name(const char *who) const { return std::string(who) + "/" + std::to_string(number) + "/"; }
  // Some by _exit, some by exit, some after a child of their own.
  Ending ending() const { return number % 3 == 1 ? Ending::with_exit_handlers : Ending::at_once; }
  bool forks_again() const { return number % 3 == 2; }

  int live() const {
    if (const int trouble = look_at_stale(batch, queue); trouble != 0) return trouble;
    if (!is_complete(*client, name("child"), 4)) return 20;
    if (look_at_stale(batch, queue) != 0 || !is_queue_refused(*client, queue)) return 21;
    if (number % 5 == 0 && !has_working_queue(*client, name("late") + "cut", name("child") + "queue")) return 27;
    if (forks_again()) {
      const Batch own = submit(*client, numbered_keys(name("late"), 4), {kBudget_us});
      Child grandchild([&] {
        if (octo_batch_wait(own.get(), 0) != OCTO_FORKED || octo_batch_wait(batch, 0) != OCTO_FORKED) return 1;
        return is_complete(*client, name("grandchild"), 4) ? 0 : 2;
      });
      if (!is_complete(*client, name("again"), 4)) return 22;
      if (octo_batch_wait(own.get(), OCTO_WAIT_FOREVER) != OCTO_OK) return 23;
      if (grandchild.wait() != 0) return 24;
    }
    octo_batch_free(batch);
    octo_batch_free(batch);
    octo_queue_free(queue);
    if (octo_batch_wait(batch, 0) != OCTO_CLOSED || octo_queue_fd(queue) != -1) return 25;
    if (number % 2 == 0) octo_client_close(client->get());
    if (number % 4 == 0 && octo_shutdown(10'000'000) != OCTO_OK) return 26;
    return 0;
  }
};

// A batch of 50 with its queue, forked in the midst of.
void expect_untouched_by_fork(int number, const Client &client, std::vector<std::chrono::microseconds> &forks) {
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  const auto keys = numbered_keys("slow/", 50);
  const Batch batch = submit(client, keys, {kBudget_us, raw, 7});
  const Round round{number, &client, batch.get(), raw};
  Child child([&] { return round.live(); }, round.ending());
  forks.push_back(child.fork_took());
  EXPECT_EQ(octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER), OCTO_OK);
  std::string why;
  EXPECT_TRUE(all_right(keys, results(batch), kSize, why)) << why;
  EXPECT_EQ(child.wait(), 0) << "round " << number;
  pollfd watched{octo_queue_fd(raw), POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 10'000), 1);
  octo_event event{};
  std::size_t count = 0;
  EXPECT_EQ(octo_queue_take(raw, &event, sizeof event, 1, &count), OCTO_OK);
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(event.batch, batch.get());
  EXPECT_EQ(event.tag, 7U);
}

struct Storm {
  const char *listener;
  const char *script;
};

void run_storm(const Storm &storm, int rounds, std::size_t clients) {
  const OriginProcess origin(storm.script);
  std::vector<Client> opened;
  std::vector<const Client *> shared;
  for (std::size_t i = 0; i < clients; ++i) {
    opened.push_back(open_client(origin.url(storm.listener), options_for(origin, storm.listener)));
  }
  for (const Client &client : opened) shared.push_back(&client);
  Fetchers fetchers(shared);
  std::vector<std::chrono::microseconds> forks;
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    expect_untouched_by_fork(round, opened[0], forks);
    if (round % kRoundsReported == kRoundsReported - 1) expect_no_connection_shared(origin, round + 1);
  }
  expect_no_connection_shared(origin, rounds);
  fetchers.end();
  EXPECT_EQ(fetchers.wrong(), 0U);
  EXPECT_GE(fetchers.right(), static_cast<std::uint64_t>(rounds));
  std::sort(forks.begin(), forks.end());
  std::cout << storm.listener << ": " << forks.size() << " forks, median " << forks[forks.size() / 2].count()
            << " us, longest " << forks.back().count() << " us, " << stats(opened[0]).forks_unawaited << " unawaited; "
            << fetchers.right() << " batches beside\n";
  EXPECT_LT(forks.back(), 1500ms);
}

// The threads that fetch allocate at the moment of the fork.
class StormTest : public testing::TestWithParam<Storm> {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "a lock of the sanitizer's own allocator may be taken at the fork, and stays so in the child";
#endif
  }
};

class row_69 : public StormTest {};

TEST_P(row_69, forks_from_1_of_10_threads_that_fetch_leave_right_bytes_and_no_shared_connection) {
  run_storm(GetParam(), 20, 1);
}

TEST_P(row_69, the_childs_fetch_is_complete_while_the_parents_threads_shake_hands) {
  run_storm({GetParam().listener, kChurnScript}, 10, 3);
}

class row_69_long_test : public StormTest {};

TEST_P(row_69_long_test, forks_200_times) { run_storm(GetParam(), 200, 1); }

TEST_P(row_69_long_test, forks_200_times_among_handshakes) { run_storm({GetParam().listener, kChurnScript}, 200, 3); }

// ------------------------------------------------------------------------------------------------------------ preload

TEST(preload_test, row_69_opening_a_client_starts_no_thread_and_opens_no_descriptor) {
  const OriginProcess origin(kScript);
  const std::size_t threads = threads_named("");
  const std::size_t descriptors = descriptor_count();
  std::vector<Client> clients;
  for (const char *listener : {"http", "https"}) {
    clients.push_back(open_client(origin.url(listener), options_for(origin, listener)));
  }
  clients.push_back(open_client("s3://bucket", {{"s3.endpoint", origin.url()}, {"s3.unsigned", "true"}}));
  EXPECT_EQ(threads_named(""), threads);
  EXPECT_EQ(descriptor_count(), descriptors);
}

#if defined(__SANITIZE_THREAD__)
constexpr char kCounted[] = "octo-";  // the sanitizer starts a thread of its own
#else
constexpr char kCounted[] = "";  // all
#endif

TEST(preload_test, row_69_after_octo_shutdown_no_thread_is_left_and_parent_and_child_fetch) {
  const OriginProcess origin(kScript);
  const std::size_t threads = threads_named(kCounted);
  const Client client = open_client(origin.url("https"), options_for(origin, "https"));
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  for (int round = 0; round < 20; ++round) {
    // One has no time to end, and one has a queue, so that the clock thread runs.
    const Batch cut = submit(client, numbered_keys("slow/", 50), {kBudget_us, raw});
    EXPECT_TRUE(is_complete(client, "before", 10));
    ASSERT_EQ(octo_shutdown(10'000'000), OCTO_OK);
    // A thread is counted out of the library before the kernel has taken it down.
    for (int i = 0; i < 1000 && threads_named(kCounted) != threads; ++i) ::usleep(1000);
    ASSERT_EQ(threads_named(kCounted), threads);
    Child child([&] { return is_complete(client, "child", 10) && octo_shutdown(10'000'000) == OCTO_OK ? 0 : 1; },
                round % 2 == 0 ? Ending::at_once : Ending::with_exit_handlers);
    EXPECT_TRUE(is_complete(client, "parent", 10));
    EXPECT_EQ(child.wait(), 0);
  }
}

// A descriptor's file is shared with the child, and so are an eventfd's count and an epoll's list.
std::string state_of_events() {
  std::string state;
  for (int fd = 0; fd < 256; ++fd) {
    std::ifstream file("/proc/self/fdinfo/" + std::to_string(fd));
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("eventfd-count", 0) == 0 || line.rfind("tfd:", 0) == 0) {
        state += std::to_string(fd) + " " + line + "\n";
      }
    }
  }
  return state;
}

TEST(preload_test, row_69_a_child_leaves_its_parents_eventfds_and_epolls_alone) {
  const OriginProcess origin(kScript);
  octo_queue *raw = nullptr;
  ASSERT_EQ(octo_queue_create(nullptr, nullptr, &raw), OCTO_OK);
  const Queue queue(raw);
  const Client client = open_client(origin.url());
  // Warm connections, and an event that nobody has taken.
  ASSERT_TRUE(is_complete(client, "warm", 20));
  const Batch batch = submit(client, {"key"}, {kBudget_us, raw});
  octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
  pollfd watched{octo_queue_fd(raw), POLLIN, 0};
  ASSERT_EQ(::poll(&watched, 1, 10'000), 1);
  ::usleep(200'000);
  const std::string before = state_of_events();
  EXPECT_NE(before.find("eventfd-count:                1"), std::string::npos) << before;
  EXPECT_NE(before.find("tfd:"), std::string::npos) << before;
  for (int number = 0; number < 12; ++number) {
    const Round round{number, &client, batch.get(), raw};
    Child child([&] { return round.live(); }, round.ending());
    EXPECT_EQ(child.wait(), 0);
  }
  EXPECT_EQ(state_of_events(), before);
}

TEST(preload_test, row_69_a_connection_that_the_parent_closes_is_closed_while_a_child_lives) {
  for (const char *listener : {"http", "https"}) {
    const OriginProcess origin(kScript);
    const Client client = open_client(origin.url(listener), options_for(origin, listener));
    ASSERT_TRUE(is_complete(client, "warm", 20));
    ASSERT_GE(origin.counter("connections.open"), 1U);
    const Child child([] {
      ::pause();
      return 0;
    });
    ASSERT_EQ(octo_shutdown(10'000'000), OCTO_OK);
    for (int i = 0; i < 1000 && origin.counter("connections.open") != 0; ++i) ::usleep(5000);
    EXPECT_EQ(origin.counter("connections.open"), 0U) << listener;
  }
}

// -------------------------------------------------------------------------------------------------------------- storms

std::string storm_name(const testing::TestParamInfo<Storm> &storm) { return storm.param.listener; }

const auto kStorms = testing::Values(Storm{"http", kScript}, Storm{"https", kScript});

INSTANTIATE_TEST_SUITE_P(fork_test, row_69, kStorms, storm_name);
INSTANTIATE_TEST_SUITE_P(fork_test, row_69_long_test, kStorms, storm_name);

}  // namespace
}  // namespace octo_test
