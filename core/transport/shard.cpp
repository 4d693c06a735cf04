// Driving a multi by sockets and timers, for shard.hpp.
#include "transport/shard.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "base/os_thread.hpp"

namespace octo {
namespace {

// Idle connections wait in the multi as well: with less room libcurl would close warm ones while a batch drains.
constexpr long kConnectionsKept = 2L * kShardConnectionsMax;

// Null for a handle that libcurl made for itself.
Transfer *transfer_of(CURL *easy) noexcept {
  Transfer *transfer = nullptr;
  ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return transfer;
}

}  // namespace

Shard::Shard(const TransportParts &parts, LoopHandles &handles) noexcept
    : parts_(parts), handles_(handles), sockets_(handles, on_event, this) {}

Shard::~Shard() { OCTO_ASSERT(multi_ == nullptr && share_ == nullptr && transfers_.empty()); }

bool Shard::open() noexcept {
  share_ = ::curl_share_init();
  if (share_ == nullptr) return false;
  // TLS sessions only. Without locks, as the share never leaves this thread.
  ::curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  if (!open_multi()) {
    ::curl_share_cleanup(std::exchange(share_, nullptr));
    return false;
  }
  ::uv_timer_init(handles_.loop(), &timer_);
  timer_.data = this;
  has_timer_ = true;
  handles_.add();
  return true;
}

bool Shard::open_multi() noexcept {
  multi_ = ::curl_multi_init();
  if (multi_ == nullptr) return false;
  const auto set = [this](CURLMoption option, auto value) {
    return ::curl_multi_setopt(multi_, option, value) == CURLM_OK;
  };
  const bool is_set = set(CURLMOPT_SOCKETFUNCTION, &Shard::on_socket) && set(CURLMOPT_SOCKETDATA, this) &&
                      set(CURLMOPT_TIMERFUNCTION, &Shard::on_timer) && set(CURLMOPT_TIMERDATA, this) &&
                      set(CURLMOPT_MAXCONNECTS, kConnectionsKept) &&
                      set(CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  if (!is_set) close_multi();
  return is_set;
}

// Calls back for every socket that it closes.
void Shard::close_multi() noexcept {
  is_inside_ = true;
  ::curl_multi_cleanup(std::exchange(multi_, nullptr));
  is_inside_ = false;
}

void Shard::close() noexcept {
  while (!transfers_.empty()) drop(*transfers_.back());
  if (multi_ != nullptr) close_multi();
  if (share_ != nullptr) ::curl_share_cleanup(std::exchange(share_, nullptr));
  if (!std::exchange(has_timer_, false)) return;
  ::uv_close(reinterpret_cast<uv_handle_t *>(&timer_),
             [](uv_handle_t *handle) { static_cast<Shard *>(handle->data)->handles_.remove(); });
}

Transfer *Shard::start(const ExchangeRequest &request, ExchangeEvents &events) {
  OCTO_ASSERT(!is_inside_);
  if (multi_ == nullptr && !open_multi()) return nullptr;
  if (transfers_.size() == transfers_.capacity()) {
    const std::size_t room = std::max<std::size_t>(8, transfers_.size() * 2);
    finished_.reserve(room);
    transfers_.reserve(room);
  }
  auto transfer = std::make_unique<Transfer>(parts_, sockets_, request, events);
  if (!transfer->prepare(request, share_)) return nullptr;
  is_inside_ = true;
  is_touched_ = true;
  transfer->is_added = ::curl_multi_add_handle(multi_, transfer->easy()) == CURLM_OK;
  is_inside_ = false;
  if (!transfer->is_added) return nullptr;
  transfer->shard = this;
  transfer->position = transfers_.size();
  has_failed_ = has_failed_ || transfer->has_failed();
  const bool has_idle = !request.fresh_connection && occupancy().idle(*request.endpoint) > 0;
  if (has_idle) sockets_.promise(request.endpoint, transfer->hold());
  transfers_.push_back(std::move(transfer));
  return transfers_.back().get();
}

void Shard::drop(Transfer &transfer) noexcept {
  OCTO_ASSERT(!is_inside_ && transfer.shard == this);
  std::erase(finished_, &transfer);
  if (transfer.is_added) {
    is_inside_ = true;
    is_touched_ = true;
    ::curl_multi_remove_handle(multi_, transfer.easy());
    is_inside_ = false;
  }
  const std::size_t position = transfer.position;
  std::swap(transfers_[position], transfers_.back());
  transfers_[position]->position = position;
  transfers_.pop_back();
}

void Shard::turn() noexcept {
  if (std::exchange(is_due_, false)) act(CURL_SOCKET_TIMEOUT, 0);
  if (has_failed_) end_failed();
  if (is_broken_) rebuild();
  if (!std::exchange(is_touched_, false) || multi_ == nullptr) return;
  // Asked also where it did not say so, because releases of libcurl forgot to announce a change.
  long timeout_ms = -1;
  if (::curl_multi_timeout(multi_, &timeout_ms) == CURLM_OK) arm(timeout_ms);
}

Transfer *Shard::next_finished() noexcept { return finished_.empty() ? nullptr : finished_.front(); }

void Shard::close_idle() noexcept {
  OCTO_ASSERT(!is_inside_);
  if (occupancy().idle_count() == 0) return;
  if (transfers_.empty() && multi_ != nullptr) {
    close_multi();
    return;
  }
  sockets_.shut_idle();
}

// ---------------------------------------------------------------------------------------------------------- the multi

void Shard::act(curl_socket_t fd, int what) noexcept {
  handles_.come_back();
  if (multi_ == nullptr || is_broken_ || is_exiting()) return;
  int running = 0;
  is_inside_ = true;
  is_touched_ = true;
  const CURLMcode code = ::curl_multi_socket_action(multi_, fd, what, &running);
  is_inside_ = false;
  if (code != CURLM_OK) is_broken_ = true;
  drain();
}

// An event on one socket may end any exchange, and messages die with their exchange: note them all at once.
void Shard::drain() noexcept {
  int left = 0;
  while (const CURLMsg *message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    if (Transfer *transfer = transfer_of(message->easy_handle)) finish(*transfer, code);
  }
}

void Shard::finish(Transfer &transfer, CURLcode code) noexcept {
  if (transfer.is_finished()) return;
  transfer.finish(code);
  // The connection is back in the pool or closed by now: what is idle counts from here, not from when the end is told.
  sockets_.release(transfer.hold());
  finished_.push_back(&transfer);
}

void Shard::end_failed() noexcept {
  has_failed_ = false;
  for (const auto &transfer : transfers_) {
    if (!transfer->has_failed() || transfer->is_finished()) continue;
    transfer->finish(CURLE_FAILED_INIT);
    finished_.push_back(transfer.get());
  }
}

// After an error of its own libcurl vouches for nothing in this multi.
void Shard::rebuild() noexcept {
  is_broken_ = false;
  is_inside_ = true;
  for (const auto &transfer : transfers_) {
    if (!transfer->is_finished()) {
      transfer->fail(Status::connection_lost, "libcurl lost track of its connections");
      transfer->finish(CURLE_FAILED_INIT);
      finished_.push_back(transfer.get());
    }
    if (std::exchange(transfer->is_added, false)) ::curl_multi_remove_handle(multi_, transfer->easy());
  }
  is_inside_ = false;
  close_multi();
  // Without memory for it, the next exchange tries again.
  static_cast<void>(open_multi());
}

// -------------------------------------------------------------------------------------------- sockets and the timer

int Shard::on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *) noexcept {
  auto &self = *static_cast<Shard *>(context);
  // One call may go through many exchanges; here libcurl is between two of them.
  self.handles_.come_back();
  int events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= UV_READABLE;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= UV_WRITABLE;
  int error = 0;
  try {
    error = self.sockets_.watch(fd, events);
  } catch (const std::bad_alloc &) {
    error = UV_ENOMEM;
  }
  if (error == 0) return 0;
  // An error for an answer would end every exchange of the multi, so that this one is ended after the turn.
  if (Transfer *transfer = transfer_of(easy)) {
    transfer->fail(Status::local_resource, "the event loop could not watch a socket");
    self.has_failed_ = true;
    self.handles_.hurry();
  }
  return 0;
}

int Shard::on_timer(CURLM *, long timeout_ms, void *context) noexcept {
  static_cast<Shard *>(context)->arm(timeout_ms);
  return 0;
}

void Shard::arm(long timeout_ms) noexcept {
  if (!has_timer_) return;
  if (timeout_ms < 0) {
    timer_at_ = 0;
    ::uv_timer_stop(&timer_);
    return;
  }
  if (timeout_ms == 0) {
    is_due_ = true;
    handles_.hurry();
    return;
  }
  const std::uint64_t at = ::uv_now(handles_.loop()) + static_cast<std::uint64_t>(timeout_ms);
  if (at == timer_at_) return;
  timer_at_ = at;
  ::uv_timer_start(&timer_, on_timeout, static_cast<std::uint64_t>(timeout_ms), 0);
}

void Shard::on_timeout(uv_timer_t *timer) noexcept {
  auto &self = *static_cast<Shard *>(timer->data);
  self.timer_at_ = 0;
  self.is_due_ = true;
  self.handles_.hurry();
}

void Shard::on_event(uv_poll_t *watcher, int status, int events) noexcept {
  Socket &socket = *static_cast<Socket *>(watcher->data);
  auto &self = *static_cast<Shard *>(socket.owner);
  if (socket.events == 0) return self.sockets_.unwatch(socket);
  int what = 0;
  if ((events & UV_READABLE) != 0) what |= CURL_CSELECT_IN;
  if ((events & UV_WRITABLE) != 0) what |= CURL_CSELECT_OUT;
  // libuv reports a socket with an error as a bad descriptor and stops watching. 0 tells libcurl to look itself; told
  // of the error alone it would not read what arrived before it.
  if (status < 0) what = 0;
  self.act(socket.fd, what);
  if (status < 0) self.sockets_.watch_again(socket);
}

}  // namespace octo
