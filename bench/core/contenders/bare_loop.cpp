// The contender without a library: libcurl's multi on one libuv loop, written for this one purpose.
//
// One multi, one loop, one thread; easy handles are kept and used again, so that a GET sets nothing but its URL. It is
// told what core/transport/transfer_options.cpp tells libcurl, and has none of what that layer is for: no deadline, no
// guard, no limits, no phases, no explanation. What it costs is what libcurl costs.
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/contenders/meter.hpp"
#include "core/contenders/task.hpp"

namespace octo_bench {
namespace {

// As core/transport/curl_library.cpp: releases before 8.7 have a buffer for each transfer.
long buffer_bytes() {
  constexpr unsigned kSharedBufferSince = 0x080700;
  return ::curl_version_info(CURLVERSION_NOW)->version_num >= kSharedBufferSince ? 64 * 1024 : 16 * 1024;
}

void require(bool is_good, const char *what) {
  if (!is_good) throw std::runtime_error(what);
}

class BareLoop {
 public:
  explicit BareLoop(const Task &task);
  ~BareLoop();
  BareLoop(const BareLoop &) = delete;
  BareLoop &operator=(const BareLoop &) = delete;

  void run();

 private:
  struct Fetch {
    CURL *easy = nullptr;
    char *body = nullptr;
    std::size_t size = 0;
    std::size_t capacity = 0;
  };
  // Of one socket, as long as that is open: making a uv_poll_t costs three system calls, and libcurl lets go of the
  // socket after each transfer.
  struct Watch {
    uv_poll_t poll{};
    BareLoop *owner = nullptr;
    curl_socket_t fd = -1;
  };

  static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *watch);
  static int on_timer(CURLM *multi, long timeout_ms, void *context);
  static void on_event(uv_poll_t *poll, int status, int events);
  static curl_socket_t on_open(void *context, curlsocktype purpose, curl_sockaddr *address);
  static int on_close(void *context, curl_socket_t fd);
  static std::size_t on_body(char *bytes, std::size_t, std::size_t size, void *context);

  void make_multi();
  std::unique_ptr<Fetch> make_fetch();
  void start(Fetch &fetch);
  void act(curl_socket_t fd, int what);
  void finish(CURL *easy, CURLcode code);

  const Task &task_;
  Meter meter_;
  uv_loop_t loop_{};
  uv_timer_t timer_{};
  CURLM *multi_ = nullptr;
  CURLSH *share_ = nullptr;
  curl_slist *connect_to_ = nullptr;
  std::vector<std::unique_ptr<Fetch>> fetches_;
  std::unordered_map<curl_socket_t, Watch *> watches_;
  std::vector<std::string> urls_;
  std::size_t turn_ = 0;
  std::uint64_t connections_opened_ = 0;
  bool is_due_ = false;
  // Why to end early: an exception may not pass through the libraries that call back.
  std::string failure_;
};

BareLoop::BareLoop(const Task &task) : task_(task), meter_(task) {
  require(::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl did not start");
  require(::uv_loop_init(&loop_) == 0, "no event loop");
  ::uv_timer_init(&loop_, &timer_);
  timer_.data = this;
  make_multi();
  for (std::size_t i = 0; i < task_.objects; ++i) urls_.push_back(task_.url + "/" + object_name(i));
  const std::string port = task_.url.substr(task_.url.rfind(':') + 1);
  connect_to_ = ::curl_slist_append(nullptr, ("::127.0.0.1:" + port).c_str());
  for (std::size_t i = 0; i < task_.connections; ++i) fetches_.push_back(make_fetch());
}

BareLoop::~BareLoop() {
  for (const auto &fetch : fetches_) {
    ::curl_multi_remove_handle(multi_, fetch->easy);
    ::curl_easy_cleanup(fetch->easy);
    std::free(fetch->body);
  }
  ::curl_multi_cleanup(multi_);
  ::curl_share_cleanup(share_);
  ::curl_slist_free_all(connect_to_);
  ::uv_close(reinterpret_cast<uv_handle_t *>(&timer_), nullptr);
  ::uv_run(&loop_, UV_RUN_DEFAULT);
  ::uv_loop_close(&loop_);
}

void BareLoop::make_multi() {
  multi_ = ::curl_multi_init();
  share_ = ::curl_share_init();
  require(multi_ != nullptr && share_ != nullptr, "no memory for libcurl");
  ::curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &on_socket);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &on_timer);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // libcurl's own limit follows the number of running transfers, and would close warm connections.
  ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(2 * task_.connections));
  ::curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

std::unique_ptr<BareLoop::Fetch> BareLoop::make_fetch() {
  auto fetch = std::make_unique<Fetch>();
  fetch->easy = ::curl_easy_init();
  require(fetch->easy != nullptr, "no memory for a transfer");
  bool is_set = true;
  const auto set = [&](CURLoption option, auto value) {
    is_set = is_set && ::curl_easy_setopt(fetch->easy, option, value) == CURLE_OK;
  };
  set(CURLOPT_PRIVATE, fetch.get());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_HTTPGET, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAPATH, static_cast<char *>(nullptr));
  if (!task_.ca_file.empty()) set(CURLOPT_CAINFO, task_.ca_file.c_str());
  set(CURLOPT_SHARE, share_);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, 60'000L);
  set(CURLOPT_MAXAGE_CONN, 10L);
  set(CURLOPT_MAXLIFETIME_CONN, 300L);
  set(CURLOPT_BUFFERSIZE, buffer_bytes());
  set(CURLOPT_USERAGENT, "octofetch/0.1.0");
  set(CURLOPT_CONNECT_TO, connect_to_);
  set(CURLOPT_OPENSOCKETFUNCTION, &on_open);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_CLOSESOCKETFUNCTION, &on_close);
  set(CURLOPT_CLOSESOCKETDATA, this);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, fetch.get());
  require(is_set, "libcurl refused an option");
  return fetch;
}

void BareLoop::run() {
  for (const auto &fetch : fetches_) start(*fetch);
  while (!meter_.is_over()) {
    if (!failure_.empty()) throw std::runtime_error(failure_);
    ::uv_run(&loop_, is_due_ ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    // "At once" is answered after the turn, for all transfers that began in it.
    if (!is_due_) continue;
    is_due_ = false;
    act(CURL_SOCKET_TIMEOUT, 0);
  }
  meter_.print();
}

void BareLoop::start(Fetch &fetch) {
  ::curl_easy_setopt(fetch.easy, CURLOPT_URL, urls_[turn_].c_str());
  turn_ = turn_ + 1 == urls_.size() ? 0 : turn_ + 1;
  if (::curl_multi_add_handle(multi_, fetch.easy) != CURLM_OK) failure_ = "libcurl takes no transfer";
}

void BareLoop::act(curl_socket_t fd, int what) {
  int running = 0;
  if (::curl_multi_socket_action(multi_, fd, what, &running) != CURLM_OK) failure_ = "libcurl lost its transfers";
  int left = 0;
  while (const CURLMsg *message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
  }
}

void BareLoop::finish(CURL *easy, CURLcode code) {
  Fetch *fetch = nullptr;
  long status = 0;
  ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &fetch);
  ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status != 200) {
    failure_ = fmt::format("a GET failed: {}, HTTP status {}", ::curl_easy_strerror(code), status);
    return;
  }
  curl_off_t span_us = 0;
  ::curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &span_us);
  meter_.note_wire_time(static_cast<std::uint64_t>(span_us));
  meter_.note_connections(connections_opened_);
  meter_.add(fetch->body, fetch->size);
  std::free(fetch->body);
  fetch->body = nullptr;
  fetch->size = fetch->capacity = 0;
  ::curl_multi_remove_handle(multi_, easy);
  start(*fetch);
}

int BareLoop::on_socket(CURL *, curl_socket_t fd, int what, void *context, void *) {
  auto &self = *static_cast<BareLoop *>(context);
  Watch *&watch = self.watches_[fd];
  if (what == CURL_POLL_REMOVE) {
    if (watch != nullptr) ::uv_poll_stop(&watch->poll);
    return 0;
  }
  if (watch == nullptr) {
    watch = new Watch();
    watch->owner = &self;
    watch->fd = fd;
    ::uv_poll_init_socket(&self.loop_, &watch->poll, fd);
    watch->poll.data = watch;
  }
  int events = 0;
  if (what != CURL_POLL_OUT) events |= UV_READABLE;
  if (what != CURL_POLL_IN) events |= UV_WRITABLE;
  ::uv_poll_start(&watch->poll, events, on_event);
  return 0;
}

int BareLoop::on_close(void *context, curl_socket_t fd) {
  auto &self = *static_cast<BareLoop *>(context);
  if (Watch *watch = std::exchange(self.watches_[fd], nullptr); watch != nullptr) {
    ::uv_close(reinterpret_cast<uv_handle_t *>(&watch->poll),
               [](uv_handle_t *handle) { delete static_cast<Watch *>(handle->data); });
  }
  return ::close(fd);
}

int BareLoop::on_timer(CURLM *, long timeout_ms, void *context) {
  auto &self = *static_cast<BareLoop *>(context);
  self.is_due_ = timeout_ms == 0;
  if (timeout_ms <= 0) {
    ::uv_timer_stop(&self.timer_);
    return 0;
  }
  ::uv_timer_start(
      &self.timer_, [](uv_timer_t *timer) { static_cast<BareLoop *>(timer->data)->is_due_ = true; },
      static_cast<std::uint64_t>(timeout_ms), 0);
  return 0;
}

void BareLoop::on_event(uv_poll_t *poll, int status, int events) {
  const auto &watch = *static_cast<Watch *>(poll->data);
  int what = 0;
  if ((events & UV_READABLE) != 0) what |= CURL_CSELECT_IN;
  if ((events & UV_WRITABLE) != 0) what |= CURL_CSELECT_OUT;
  watch.owner->act(watch.fd, status < 0 ? 0 : what);
}

curl_socket_t BareLoop::on_open(void *context, curlsocktype, curl_sockaddr *address) {
  ++static_cast<BareLoop *>(context)->connections_opened_;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}

// One allocation for a body whose length is known.
std::size_t BareLoop::on_body(char *bytes, std::size_t, std::size_t size, void *context) {
  auto &fetch = *static_cast<Fetch *>(context);
  if (fetch.body == nullptr) {
    curl_off_t length = -1;
    ::curl_easy_getinfo(fetch.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length < 0) return 0;
    fetch.capacity = static_cast<std::size_t>(length);
    fetch.body = static_cast<char *>(std::malloc(fetch.capacity));
    if (fetch.body == nullptr) return 0;
  }
  if (size > fetch.capacity - fetch.size) return 0;
  std::memcpy(fetch.body + fetch.size, bytes, size);
  fetch.size += size;
  return size;
}

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  try {
    int exit_code = 0;
    const auto task = octo_bench::read_task(count, words, exit_code);
    if (!task) return exit_code;
    octo_bench::BareLoop(*task).run();
    return 0;
  } catch (const std::exception &error) {
    fmt::print(stderr, "bare_loop: {}\n", error.what());
    return 1;
  }
}
