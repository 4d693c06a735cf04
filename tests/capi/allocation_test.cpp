// Row 61 of the fault catalogue: each allocation of the library, of libcurl and of what they stand on fails in turn, and
// nothing crashes, hangs, leaks or answers what is not documented.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "capi/allocation_scenario.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono_literals::operator""ms;

constexpr std::size_t kChildren = 3;  // at once: most of a run is waiting
constexpr auto kHang = 60'000ms;

std::string caller_text(const void *caller) {
  char text[300];
  describe_caller(caller, text, sizeof text);
  return text;
}

// A child that runs the scenario.
class Run {
 public:
  Run() {
    void *shared = ::mmap(nullptr, sizeof(ScenarioReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    report_ = static_cast<ScenarioReport *>(shared);
  }
  ~Run() { ::munmap(report_, sizeof *report_); }
  Run(const Run &) = delete;
  Run &operator=(const Run &) = delete;

  void start(const ScenarioOrigin &origin, Victims victims, std::uint64_t fail_at) {
    fail_at_ = fail_at;
    victims_ = victims;
    *report_ = {};
    started_at_ = Clock::now();
    child_ = ::fork();
    if (child_ == 0) run_scenario(origin, victims, fail_at, *report_);
  }
  bool is_running() const { return child_ > 0; }
  // True when it has just ended.
  bool poll() {
    if (!is_running()) return false;
    if (Clock::now() - started_at_ > kHang) {
      has_hung_ = true;
      ::kill(child_, SIGKILL);
      ::waitpid(child_, &wait_status_, 0);
    } else if (::waitpid(child_, &wait_status_, WNOHANG) == 0) {
      return false;
    }
    child_ = 0;
    return true;
  }
  void wait() {
    while (!poll()) std::this_thread::sleep_for(1ms);
  }

  const ScenarioReport &report() const { return *report_; }
  std::uint64_t fail_at() const { return fail_at_; }
  // Why the run is a defect; "" when it is none.
  std::string defect() const {
    if (std::exchange(has_hung_, false)) return "hangs";
    if (report_->signal != 0) return "ends by signal " + std::to_string(report_->signal) + frames();
    if (!report_->is_over) return "ends early, with status " + std::to_string(wait_status_);
    return report_->trouble + leaks();
  }

 private:
  std::string leaks() const {
    std::string text;
    for (std::size_t i = 0; i < report_->leak_count; ++i) {
      const LeakSite &leak = report_->leaks[i];
      if (victims_ == Victims::openssl && owner_of(leak.caller) == Owner::openssl) continue;
      text += "\n      leaks " + std::to_string(leak.count) + ", " + std::to_string(leak.size) + " bytes, of " +
              caller_text(leak.caller);
    }
    return text;
  }
  std::string frames() const {
    std::string text;
    for (int i = 2; i < std::min(report_->frame_count, 16); ++i) {
      text += "\n      " + caller_text(report_->frames[static_cast<std::size_t>(i)]);
    }
    return text;
  }

  ScenarioReport *report_;
  pid_t child_ = 0;
  std::uint64_t fail_at_ = 0;
  Victims victims_ = Victims::ours;
  Clock::time_point started_at_;
  int wait_status_ = 0;
  mutable bool has_hung_ = false;
};

class AllocationFailures {
 public:
  explicit AllocationFailures(Victims victims) : victims_(victims), origin_(R"({"default": {"size": 1024}})") {
    http_url_ = origin_.url("http");
    https_url_ = origin_.url("https");
    ca_file_ = origin_.ca_file();
    target_ = {http_url_.c_str(), https_url_.c_str(), ca_file_.c_str()};
    // Also tells this process which code belongs to whom.
    track_allocations(0, nullptr);
    stop_tracking();
    measure();
  }

  std::uint64_t count() const { return count_; }

  // Every `step`-th allocation.
  void fail_each(std::uint64_t step) {
    std::array<Run, kChildren> runs;
    std::uint64_t next = 1;
    bool is_busy = true;
    while (is_busy) {
      is_busy = false;
      for (Run &run : runs) {
        if (run.poll()) judge(run);
        if (!run.is_running() && next <= count_) {
          run.start(target_, victims_, next);
          next += step;
        }
        is_busy = is_busy || run.is_running();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
  }

  std::string summary() const {
    std::ostringstream text;
    text << count_ << " allocations:";
    for (std::size_t i = 0; i < kOwners; ++i) {
      if (made_by_[i] != 0) text << ' ' << owner_name(static_cast<Owner>(i)) << ' ' << made_by_[i];
    }
    text << "; " << failed_ << " failed in turn, felt as:";
    for (const auto &[status, count] : felt_) text << ' ' << octo_status_name(status) << ' ' << count;
    return text.str();
  }
  const std::map<std::string, int> &defects() const { return defects_; }

 private:
  // Without a failure, some times, as no two runs make quite as many.
  void measure() {
    for (int i = 0; i < 5; ++i) {
      Run run;
      run.start(target_, victims_, 0);
      run.wait();
      if (const std::string defect = run.defect(); !defect.empty()) ++defects_["without a failure: " + defect];
      count_ = std::max(count_, run.report().made);
      made_by_ = run.report().made_by;
    }
  }

  void judge(const Run &run) {
    const ScenarioReport &report = run.report();
    if (report.is_over && report.failed.caller == nullptr) return;  // there were fewer this time
    ++failed_;
    if (report.is_over) ++felt_[report.answer];
    const std::string defect = run.defect();
    if (defect.empty()) return;
    const std::string where = report.failed.caller == nullptr ? "allocation " + std::to_string(run.fail_at())
                                                              : std::string(owner_name(report.failed.owner)) +
                                                                    "'s at " + caller_text(report.failed.caller);
    ++defects_[where + ": " + defect];
  }

  const Victims victims_;
  const OriginProcess origin_;
  std::string http_url_;
  std::string https_url_;
  std::string ca_file_;
  ScenarioOrigin target_{};
  std::uint64_t count_ = 0;
  std::array<std::uint64_t, kOwners> made_by_{};
  std::uint64_t failed_ = 0;
  std::map<octo_status, std::uint64_t> felt_;
  std::map<std::string, int> defects_;
};

void expect_no_defect(const AllocationFailures &failures) {
  std::cout << failures.summary() << '\n';
  for (const auto &[defect, count] : failures.defects()) ADD_FAILURE() << count << " times: " << defect;
}

// Every one of them takes 800 runs of a process.
TEST(allocation_test, row_61_every_third_allocation_of_ours_and_of_libcurl_failed_in_turn_does_no_harm) {
  AllocationFailures failures(Victims::ours);
  failures.fail_each(3);
  expect_no_defect(failures);
}

TEST(allocation_long_test, row_61_each_allocation_of_ours_and_of_libcurl_failed_in_turn_does_no_harm) {
  AllocationFailures failures(Victims::ours);
  failures.fail_each(1);
  expect_no_defect(failures);
}

TEST(allocation_long_test, row_61_every_tenth_allocation_of_openssl_failed_in_turn_crashes_and_hangs_nothing) {
  AllocationFailures failures(Victims::openssl);
  failures.fail_each(10);
  expect_no_defect(failures);
}

// Not inlined, so that no pointer stays behind in a register or in this frame.
__attribute__((noinline)) void allocate_and_forget() {
  char *text = nullptr;
  ASSERT_GT(::asprintf(&text, "%d", 12345), 0);
}

TEST(allocation_test, the_search_for_leaks_finds_what_nobody_points_to_and_nothing_else) {
  static char *kept = nullptr;
  track_allocations(0, nullptr);
  ASSERT_GT(::asprintf(&kept, "%d", 12345), 0);
  allocate_and_forget();
  stop_tracking();
  std::array<LeakSite, 8> leaks{};
  ASSERT_EQ(find_leaks(leaks.data(), leaks.size()), 1U);
  EXPECT_EQ(leaks[0].count, 1U);
  std::free(kept);
}

}  // namespace
}  // namespace octo_test
