// Opening, turning and closing the loop, for loop_thread.hpp.
#include "client/loop_thread.hpp"

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>

#include "base/os_thread.hpp"

namespace octo {
namespace {

// A clock that ran this much further than the monotonic one while nothing happened: the host slept, or time was set.
constexpr Duration kSleepMin = 2s;

// What libuv takes for its first loop. Where there is none for the pipe that it makes once a process, it aborts; where
// it finds none later, it forgets to close what it has.
constexpr std::size_t kLoopDescriptors = 8;

// Whether so many are left, by taking them for a moment.
bool has_descriptors_left() noexcept {
  std::array<int, kLoopDescriptors> probes{};
  std::size_t count = 0;
  while (count < probes.size() && (probes[count] = ::eventfd(0, EFD_CLOEXEC)) >= 0) ++count;
  for (std::size_t i = 0; i < count; ++i) ::close(probes[i]);
  return count == probes.size();
}

void drain_event(uv_poll_t *watch, int, int) {
  std::uint64_t wakes = 0;
  const int fd = *static_cast<const int *>(watch->data);
  [[maybe_unused]] const ssize_t size = ::read(fd, &wakes, sizeof wakes);
}

}  // namespace

bool LoopThread::open(std::string &message) noexcept {
  try {
    return open_parts(message);
  } catch (const std::bad_alloc &) {
    return false;
  }
}

bool LoopThread::open_parts(std::string &message) {
  event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_fd_ < 0) {
    message = "the engine got no descriptor: " + std::generic_category().message(errno);
    return false;
  }
  if (!has_descriptors_left()) {
    message = "the process has no descriptors left for the engine; raise RLIMIT_NOFILE";
    return false;
  }
  if (const int error = ::uv_loop_init(&loop_); error != 0) {
    // libuv leaves it open, and 0 where it did not come to it.
    if (const int fd = ::uv_backend_fd(&loop_); fd > 0) ::close(fd);
    message = std::string("the engine got no event loop: ") + ::uv_strerror(error);
    return false;
  }
  has_loop_ = true;
  ::uv_timer_init(&loop_, &timer_);
  if (const int error = ::uv_poll_init(&loop_, &mail_watch_, event_fd_); error != 0) {
    message = std::string("the engine could not watch its mailbox: ") + ::uv_strerror(error);
    return false;
  }
  has_watch_ = true;
  mail_watch_.data = &event_fd_;
  ::uv_poll_start(&mail_watch_, UV_READABLE, drain_event);
  const EngineConfig &config = engine_.config();
  const Clock &clock = system_clock();
  auto transport = CurlTransport::open(&loop_, visit_, config.transport, clock, engine_.ledger(), engine_.counters(),
                                       config.trust_store);
  if (!transport.is_ok()) {
    message = transport.failure().text;
    return false;
  }
  transport_ = std::move(transport.value());
  // A lookup may outlive this loop.
  resolver_ = std::make_unique<ThreadResolver>(config.transport, clock, engine_.counters(), engine_.mailbox_);
  if (config.signing) {
    signer_ = std::make_unique<RequestSigner>(*config.signing, engine_.credentials(), system_wall_clock());
  }
  scheduler_ = std::make_unique<Scheduler>(
      config.schedule,
      Scheduler::Parts{*transport_, *resolver_, clock, engine_.counters(), engine_.ledger_ref(), engine_.address_book(),
                       engine_.service_time_, engine_.connect_time_, signer_.get(), &config.transport.headers});
  engine_.ledger().returns().open();
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
  last_turn_ = AgeClock::read();
  engine_.mailbox_->open(event_fd_);
  return true;
}

void LoopThread::run() noexcept {
  Instant busy_at = system_clock().now();
  while (true) {
    if (is_exiting()) park();
    read_mail();
    transport_->deliver();
    resolver_->collect();
    scheduler_->advance();
    // Last, as nobody waits for it.
    const bool has_returns = engine_.ledger().returns().collect();
    const Instant now = system_clock().now();
    const Instant publish_at = publish(now);
    if (engine_.is_stop_requested_.load() && !scheduler_->has_flights()) return;
    Instant wake_at = scheduler_->next_at();
    if (scheduler_->is_idle()) {
      if (now - busy_at >= engine_.config().threads_idle) return;
      wake_at = std::min(wake_at, busy_at + engine_.config().threads_idle);
    } else {
      busy_at = now;
    }
    turn(has_returns ? now : std::min(wake_at, publish_at));
    visit_.resume();
  }
}

void LoopThread::park() noexcept {
  visit_.pause();
  park_for_exit();
}

void LoopThread::turn(Instant wake_at) noexcept {
  const Instant now = system_clock().now();
  if (wake_at <= now) {
    ::uv_run(&loop_, UV_RUN_NOWAIT);
    return;
  }
  // libuv counts whole milliseconds on a clock that it caches; a moment late is fine, as deadlines do not depend on it.
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(wake_at - now, std::chrono::hours(1)));
  ::uv_update_time(&loop_);
  ::uv_timer_start(
      &timer_, [](uv_timer_t *) {}, static_cast<std::uint64_t>(left.count()), 0);
  ::uv_run(&loop_, UV_RUN_ONCE);
}

void LoopThread::read_mail() noexcept {
  MailNode *node = engine_.mailbox_->take_all();
  if (node != nullptr) distrust_after_sleep();
  while (node != nullptr) {
    MailNode *next = node->next;
    Batch *batch = node->admission->batch;
    if (node->kind == MailNode::Kind::add) {
      scheduler_->accept(Ref<Batch>::adopt(batch));
    } else {
      scheduler_->release(*batch);
      batch->release();
    }
    node = next;
  }
}

void LoopThread::distrust_after_sleep() noexcept {
  const AgeClock::Reading now = AgeClock::read();
  const Duration slept = AgeClock::elapsed(last_turn_, now) - (now.monotonic - last_turn_.monotonic);
  if (slept >= kSleepMin) scheduler_->distrust();
  last_turn_ = now;
}

// Not at each turn, as it costs some microseconds. When the loop must turn once more, so that what was not published
// now is seen before it sleeps for long; kNever for nothing.
Instant LoopThread::publish(Instant now) noexcept {
  if (now - published_at_ < Engine::kStateEvery) return published_at_ + Engine::kStateEvery;
  published_at_ = now;
  const ServicePercentiles service = engine_.service_time_.percentiles(now);
  engine_.service_gauges.p50_us.set(count_us(service.p50));
  engine_.service_gauges.p90_us.set(count_us(service.p90));
  engine_.service_gauges.p99_us.set(count_us(service.p99));
  engine_.schedule_state_.publish(scheduler_->state());
  return kNever;
}

void LoopThread::close() noexcept {
  // Another thread may have opened the returns since this one failed to.
  if (scheduler_) {
    engine_.schedule_state_.publish({});
    scheduler_.reset();
    engine_.ledger().returns().close();
  }
  resolver_.reset();
  if (transport_) transport_->close();
  if (has_watch_) {
    ::uv_poll_stop(&mail_watch_);
    ::uv_close(reinterpret_cast<uv_handle_t *>(&mail_watch_), nullptr);
    has_watch_ = false;
  }
  if (has_loop_) {
    ::uv_close(reinterpret_cast<uv_handle_t *>(&timer_), nullptr);
    ::uv_run(&loop_, UV_RUN_DEFAULT);
    transport_.reset();
    ::uv_loop_close(&loop_);
    has_loop_ = false;
  }
  if (event_fd_ < 0) return;
  engine_.mailbox_->close_descriptor();
  ::close(event_fd_);
  event_fd_ = -1;
}

}  // namespace octo
