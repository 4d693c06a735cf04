// Whole exchanges with an origin that sends any bytes: the real transport, libcurl and all, on a loopback socket.
//
// An input is a line of words (r0-99: the range asked for; v: with a validator; h: HEAD; x: over the client that takes
// unframed bodies and errors of S3) and then what the origin sends before it closes the connection; a form feed ends a
// piece that is sent by itself.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "handed_out.hpp"
#include "range_text.hpp"
#include "require.hpp"
#include "target.hpp"
#include "transport/curl_transport.hpp"

namespace octo::fuzz {
namespace {

constexpr std::uint64_t kObjectBytesMax = 1u << 14;

int listen_on_loopback(sockaddr_in &address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto *generic = reinterpret_cast<sockaddr *>(&address);
  require(::bind(fd, generic, size) == 0 && ::listen(fd, 16) == 0, "a port can be listened on");
  require(::getsockname(fd, generic, &size) == 0, "and it is known");
  return fd;
}

// A transport of the shape that an engine has, with its origin. Lives as long as the process.
struct World {
  explicit World(bool is_lenient) : listener(listen_on_loopback(address)) {
    require(uv_loop_init(&loop) == 0 && CurlTransport::check_libcurl().is_ok(), "a loop can be made");
    config.host = "127.0.0.1";
    config.port = ntohs(address.sin_port);
    config.url_authority = "http://127.0.0.1:" + std::to_string(config.port);
    config.user_agent = "fuzz";
    config.object_size_max = kObjectBytesMax;
    config.unframed_allowed = is_lenient;
    config.is_s3 = is_lenient;
    endpoint->address = config.host;
    endpoint->port = config.port;
    endpoint->text = "127.0.0.1:" + std::to_string(config.port);
    auto opened = CurlTransport::open(&loop, visit, config, system_clock(), *ledger, counters, nullptr);
    require(opened.is_ok(), "a transport opens");
    transport = std::move(opened.value());
  }

  sockaddr_in address{};
  const int listener;
  uv_loop_t loop{};
  LibraryVisit visit;
  TransportConfig config;
  Counters counters;
  const Ref<Ledger> ledger = Ref<Ledger>::adopt(new Ledger(1u << 24));
  const std::shared_ptr<Endpoint> endpoint = std::make_shared<Endpoint>();
  std::unique_ptr<CurlTransport> transport;
};

World &world_of(bool is_lenient) {
  static auto *const strict_world = new World(false);
  static auto *const lenient_world = new World(true);
  return is_lenient ? *lenient_world : *strict_world;
}

// The origin's side: reads a request, sends the pieces, closes. One step a turn.
class Origin {
 public:
  Origin(int listener, std::string_view wire) noexcept : listener_(listener), wire_(wire) {}
  ~Origin() {
    if (fd_ >= 0) ::close(fd_);
  }
  Origin(const Origin &) = delete;
  Origin &operator=(const Origin &) = delete;

  void step() {
    if (fd_ < 0) {
      fd_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    } else if (!has_request_) {
      read();
    } else if (!wire_.is_empty()) {
      const std::string_view piece = wire_.until('\f');
      ::send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL);
    } else {
      ::shutdown(fd_, SHUT_WR);
    }
  }

 private:
  void read() {
    char bytes[4096];
    const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
    if (size <= 0) return;
    request_.append(bytes, static_cast<std::size_t>(size));
    has_request_ = request_.ends_with("\r\n\r\n");
  }

  const int listener_;
  Input wire_;
  int fd_ = -1;
  bool has_request_ = false;
  std::string request_;
};

struct Watched final : ExchangeEvents {
  void on_phase(Phase, Instant) noexcept override {}
  bool may_send() noexcept override { return true; }
  void on_end(ExchangeEnd how) noexcept override { end.emplace(std::move(how)); }

  std::optional<ExchangeEnd> end;
};

// Chunks leave bytes out, and nothing adds any.
bool is_part_of(std::string_view body, std::string_view wire) noexcept {
  for (const char byte : wire) {
    if (!body.empty() && body.front() == byte) body.remove_prefix(1);
  }
  return body.empty();
}

void check_body(const ExchangeEnd &end, std::string_view wire, const ExchangeRequest &request) {
  const std::string_view body(reinterpret_cast<const char *>(end.body.data()), end.body.size());
  require(body.size() <= kObjectBytesMax, "a body is bounded");
  require(is_part_of(body, wire), "a body has no byte that did not come", body);
  require(!request.head || body.empty(), "HEAD has no body");
  require(end.partial == (end.http_status == 206 && !request.head), "a part is said to be one");
  if (!end.partial || end.object_size == 0) return;
  require(request.range.has_value(), "a part is given to whoever asked for it");
  const Span span = meaning_of(*request.range, end.object_size);
  require(span.end - span.begin == Wide{body.size()}, "a part has the bytes that the range means");
}

void check_end(const ExchangeEnd &end, std::string_view wire, const ExchangeRequest &request) {
  require_kept_headers(end.headers);
  require_escaped(end.request_id, 256);
  require_escaped(end.extended_request_id, 256);
  require_escaped(end.error_code, 256);
  require(end.connected && !end.reused && !end.may_rerun, "a fresh connection is one");
  require(end.http_status == 0 || (end.http_status >= 100 && end.http_status < 600), "a status is one");
  if (end.status == Status::ok) {
    require(end.http_status >= 200 && end.http_status < 300, "only a success is ok");
    check_body(end, wire, request);
    return;
  }
  require(end.body.size() == 0, "a failure has no body");
  require_escaped(end.message, 400);
  for (const Status status : {Status::internal, Status::no_memory, Status::invalid_key, Status::local_resource}) {
    require(end.status != status, "an origin is not taken for a defect of ours", end.message);
  }
}

}  // namespace

void try_input(Input &input) {
  ExchangeRequest request;
  request.target = "/key";
  request.fresh_connection = true;
  bool is_lenient = false;
  Input words(input.line());
  while (!words.is_empty()) {
    const std::string_view word = words.word();
    if (word == "v") request.if_none_match = "\"tag\"";
    if (word == "h") request.head = true;
    if (word == "x") is_lenient = true;
    if (word.starts_with('r')) request.range = read_range(word.substr(1));
  }
  World &world = world_of(is_lenient);
  request.endpoint = world.endpoint;
  std::string sent(input.rest());
  sent.erase(std::remove(sent.begin(), sent.end(), '\f'), sent.end());
  Origin origin(world.listener, input.rest());
  Watched watched;
  require(world.transport->start(request, watched) != nullptr, "an exchange starts");
  // libFuzzer's own limit ends what never ends.
  while (!watched.end) {
    origin.step();
    uv_run(&world.loop, UV_RUN_NOWAIT);
    world.transport->deliver();
  }
  check_end(*watched.end, sent, request);
  world.ledger->discharge(watched.end->body.size());
  require(world.ledger->active() == 0, "what is charged is what is handed out");
  world.transport->close_idle();
}

}  // namespace octo::fuzz
