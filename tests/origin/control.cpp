// Control requests and their connections. Bodies need a Content-Length, as every simple client sends it.
#include "control.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "percent.hpp"
#include "report.hpp"

namespace octo::origin {

namespace {

constexpr std::size_t kBodyBytesMax = 64u << 20;

const char *const kHelp =
    "PUT /script[?drop=1]   GET /report   GET /report.txt   GET /ports   POST /reset   POST /drop\n"
    "POST /close?name=http[&address=127.0.0.1]   POST /open?name=http   PUT /slow_down?factor=10\n"
    "PUT /rate_max?per_second=100[&burst=100]   GET /service_times\n";

// A parameter of the query, decoded; nothing when it is absent.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals == std::string_view::npos ? std::string() : percent_decoded(pair.substr(equals + 1));
  }
  return std::nullopt;
}

// Nothing for what is no number from `min` to `max`.
std::optional<double> number_of(std::string_view text, double min, double max) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && number >= min && number <= max ? std::optional(number) : std::nullopt;
}

}  // namespace

// One client of the control port.
class ControlConnection : public Watcher {
 public:
  ControlConnection(int descriptor, Control &control) : channel_(descriptor, nullptr), control_(control) {}

  void on_events(std::uint32_t events) override {
    if (!channel_.is_open()) return;
    const Channel::Read state = channel_.read(input_, kHeadBytesMax + kBodyBytesMax);
    while (answer_one()) {
    }
    const bool is_over = state != Channel::Read::kBlocked || (events & (EPOLLERR | EPOLLHUP)) != 0;
    const Channel::Flush flushed = channel_.flush();
    if (is_over || flushed == Channel::Flush::kFailed || (is_last_ && flushed == Channel::Flush::kDone)) {
      channel_.close();
      control_.remove(*this);
    }
  }

 private:
  // True when a complete request was answered.
  bool answer_one() {
    RequestHead head;
    std::size_t head_size = 0;
    const HeadState state = read_request_head(input_, head, head_size);
    if (is_last_ || input_.empty() || state == HeadState::kIncomplete) return false;
    std::uint64_t body_size = 0;
    const std::string_view *length = head.header("content-length");
    if (length != nullptr) std::from_chars(length->data(), length->data() + length->size(), body_size);
    const bool is_bad = state != HeadState::kComplete || head.header("transfer-encoding") != nullptr;
    if (is_bad || body_size > kBodyBytesMax) {
      is_last_ = true;
      write({400, "request: not HTTP/1.1 with a Content-Length of at most 64 MiB\n"});
      return false;
    }
    if (input_.size() - head_size < body_size) {
      if (head.header("expect") != nullptr && !is_continued_) channel_.write("HTTP/1.1 100 Continue\r\n\r\n");
      is_continued_ = true;
      return false;
    }
    is_continued_ = false;
    is_last_ = !head.is_keep_alive;
    const auto body_bytes = static_cast<std::size_t>(body_size);
    write(control_.answer(head, std::string_view(input_).substr(head_size, body_bytes)));
    input_.erase(0, head_size + body_bytes);
    return true;
  }

  void write(const ControlAnswer &answer) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason_of(answer.status)) +
                       "\r\nContent-Type: " + answer.content_type +
                       "\r\nContent-Length: " + std::to_string(answer.body.size());
    if (is_last_) text += "\r\nConnection: close";
    channel_.write(text + "\r\n\r\n" + answer.body);
  }

  Channel channel_;
  Control &control_;
  std::string input_;
  bool is_last_ = false;
  bool is_continued_ = false;
};

Control::Control(Connections &connections, Listeners &listeners) : connections_(connections), listeners_(listeners) {}

Control::~Control() = default;

void Control::accept(int descriptor) {
  auto connection = std::make_unique<ControlConnection>(descriptor, *this);
  ControlConnection *added = connection.get();
  open_.emplace(added, std::move(connection));
  if (!loop().watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *added)) remove(*added);
}

void Control::remove(ControlConnection &connection) {
  auto node = open_.extract(&connection);
  if (!node.empty()) loop().retire(std::move(node.mapped()));
}

ControlAnswer Control::answer(const RequestHead &head, std::string_view body) {
  const auto is = [&](std::string_view method, std::string_view path) {
    return head.method == method && head.path == path;
  };
  constexpr const char *kJson = "application/json";
  if (is("GET", "/report")) return {200, report_json(connections_), kJson};
  if (is("GET", "/report.txt")) return {200, report_text(connections_)};
  if (is("GET", "/ports")) return {200, nlohmann::json(listeners_.ports()).dump() + "\n", kJson};
  if (is("GET", "/")) return {200, kHelp};
  if (is("PUT", "/script")) return put_script(head, body);
  if (is("PUT", "/slow_down")) return put_slow_down(head);
  if (is("PUT", "/rate_max")) return put_rate_max(head);
  if (is("GET", "/service_times")) return {200, service_times_text(connections_)};
  if (is("POST", "/close")) return switch_listener(head, false);
  if (is("POST", "/open")) return switch_listener(head, true);
  if (is("POST", "/reset")) {
    connections_.service().reset();
    return {200, "reset\n"};
  }
  if (is("POST", "/drop")) {
    connections_.drop_all();
    return {200, "dropped\n"};
  }
  return {404, "request: no such control request; there are:\n" + std::string(kHelp)};
}

ControlAnswer Control::put_script(const RequestHead &head, std::string_view body) {
  try {
    Script script = read_script(body, connections_.service().counters());
    if (parameter(head.query, "drop").value_or("0") == "1") connections_.drop_all();
    connections_.service().use(std::move(script));
    return {200, "script in use\n"};
  } catch (const ScriptError &error) {
    return {400, std::string(error.what()) + "\n"};
  }
}

ControlAnswer Control::put_slow_down(const RequestHead &head) {
  const std::string text = parameter(head.query, "factor").value_or("");
  const std::optional<double> factor = number_of(text, 0, 1e6);
  if (!factor) {
    return {400, "slow_down.factor: '" + text + "' is not a number from 0 to 1000000; ask for /slow_down?factor=10\n"};
  }
  connections_.service().slow_down(*factor);
  return {200, "slowed down\n"};
}

ControlAnswer Control::put_rate_max(const RequestHead &head) {
  const std::string text = parameter(head.query, "per_second").value_or("");
  const std::optional<double> per_second = number_of(text, 1e-3, 1e9);
  if (!per_second) {
    return {400, "rate_max.per_second: '" + text +
                     "' is not a number from 0.001 to 1000000000; ask for /rate_max?per_second=100\n"};
  }
  const std::string burst_text = parameter(head.query, "burst").value_or(std::to_string(std::max(1.0, *per_second)));
  const std::optional<double> burst = number_of(burst_text, 1, 1e9);
  if (!burst) return {400, "rate_max.burst: '" + burst_text + "' is not a number from 1 to 1000000000\n"};
  if (!connections_.service().limit_rate(*per_second, *burst)) {
    return {400, "rate_max: the script has none, which would say how requests above it are answered\n"};
  }
  return {200, "rate in use\n"};
}

ControlAnswer Control::switch_listener(const RequestHead &head, bool is_open) {
  const std::string name = parameter(head.query, "name").value_or("");
  const std::string address = parameter(head.query, "address").value_or("");
  if (name == "control" || name == "refused" || name == "black_hole") {
    return {400, "name: '" + name + "' always stays as it is; name another listener\n"};
  }
  const bool is_done = is_open ? listeners_.open(name, address) : listeners_.shut(name, address);
  if (is_done) return {200, is_open ? "listening\n" : "refusing\n"};
  return {400,
          "name: no listener '" + name + "' at '" + address + "', or its port cannot listen again; see GET /ports\n"};
}

}  // namespace octo::origin
