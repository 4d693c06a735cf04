// Octo with octofetch.h, as a program that is built around a poll loop uses it: one thread, one client, one queue. A page
// is a batch, and whatever the queue announces is answered in the turn that takes it.
//
// ../README.md is the contract. The controls beside the pages sleep as such a program does: the earliest instant that
// somebody waits for is when ppoll returns. There is nothing to switch off: the library neither retries, hedges,
// coalesces nor caches by itself.
#include <octofetch.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <exception>
#include <functional>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <queue>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace octo_bench {
namespace {

using nlohmann::json;

constexpr std::uint64_t kNsPerUs = 1000;
constexpr std::uint64_t kNsPerS = 1'000'000'000;
constexpr std::size_t kBodySize = 10240;
constexpr std::size_t kEventsPerTurn = 64;
constexpr std::size_t kReadSize = 65536;
constexpr std::uint64_t kShutdownUs = 5'000'000;

struct ClientFreer {
  void operator()(octo_client *client) const { ::octo_client_close(client); }
};
struct OptionsFreer {
  void operator()(octo_options *options) const { ::octo_options_free(options); }
};
struct QueueFreer {
  void operator()(octo_queue *queue) const { ::octo_queue_free(queue); }
};
struct BatchFreer {
  void operator()(octo_batch *batch) const { ::octo_batch_free(batch); }
};
struct BodyReleaser {
  void operator()(octo_body *body) const { ::octo_body_release(body); }
};
using Client = std::unique_ptr<octo_client, ClientFreer>;
using Options = std::unique_ptr<octo_options, OptionsFreer>;
using Queue = std::unique_ptr<octo_queue, QueueFreer>;
using Batch = std::unique_ptr<octo_batch, BatchFreer>;
using Body = std::unique_ptr<octo_body, BodyReleaser>;

void require(octo_status status, const char *what, const char *why = "") {
  if (status == OCTO_OK) return;
  throw std::runtime_error(std::string(what) + ": " + ::octo_status_name(status) + " " + why);
}

struct Task {
  std::string origin;
  std::string bucket;
  std::string connections;
  std::size_t cache_objects = 0;
};

Task read_task(int count, char **words) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2) given[words[i]] = words[i + 1];
  const auto named = [&given](const std::string &name) {
    const auto found = given.find(name);
    if (found == given.end()) throw std::runtime_error(name + " is missing");
    return found->second;
  };
  Task task{named("--origin"), named("--bucket"), named("--connections"), 0};
  if (given.contains("--cache-objects")) task.cache_objects = std::stoul(given["--cache-objects"]);
  return task;
}

Client open_client(const Task &task) {
  const auto variable = [](const char *name) {
    const char *value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is no other thread yet
    return std::string(value == nullptr ? "" : value);
  };
  octo_options *made = nullptr;
  require(::octo_options_create(&made), "octo_options_create");
  const Options options(made);
  octo_error error = OCTO_ERROR_INIT;
  const std::map<std::string, std::string> chosen = {
      {"s3.endpoint", task.origin},
      {"s3.region", "us-east-1"},
      {"s3.addressing", "path"},
      {"s3.access_key_id", variable("AWS_ACCESS_KEY_ID")},
      {"s3.secret_access_key", variable("AWS_SECRET_ACCESS_KEY")},
      {"connections.max", task.connections},
  };
  for (const auto &[name, value] : chosen) {
    require(::octo_options_set(options.get(), name.c_str(), value.c_str(), &error), name.c_str(), error.text);
  }
  octo_client *client = nullptr;
  require(::octo_client_open(("s3://" + task.bucket).c_str(), options.get(), &client, &error), "octo_client_open",
          error.text);
  return Client(client);
}

Queue create_queue() {
  octo_queue *queue = nullptr;
  require(::octo_queue_create(nullptr, nullptr, &queue), "octo_queue_create");
  return Queue(queue);
}

// The bodies of so many keys; those used least recently leave first.
class Cache {
 public:
  explicit Cache(std::size_t objects_max) : objects_max_(objects_max) {}

  // Borrowed; NULL where there is none.
  octo_body *look_up(const std::string &key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    bodies_.splice(bodies_.begin(), bodies_, found->second);
    return bodies_.front().second.get();
  }

  void keep(const std::string &key, octo_body *body) {
    if (objects_max_ == 0) return;
    if (look_up(key) != nullptr) {
      bodies_.front().second.reset(::octo_body_retain(body));
      return;
    }
    bodies_.emplace_front(key, Body(::octo_body_retain(body)));
    places_[key] = bodies_.begin();
    if (bodies_.size() <= objects_max_) return;
    places_.erase(bodies_.back().first);
    bodies_.pop_back();
  }

 private:
  const std::size_t objects_max_;
  std::list<std::pair<std::string, Body>> bodies_;
  std::unordered_map<std::string, std::list<std::pair<std::string, Body>>::iterator> places_;
};

// A page that was read: what is fetched of it, and what is told of it in the end.
struct Page {
  std::int64_t number = 0;
  std::vector<std::string> keys;
  std::vector<std::size_t> fetched;  // positions of those that the cache did not have
  std::vector<Body> held;            // of the others; the cache may let go of them meanwhile
  std::uint64_t deadline_ns = 0;
  std::uint64_t called_ns = 0;
  std::uint64_t handler_ns = 0;
  std::uint64_t control_ns = 0;
  std::uint64_t library_ns = 0;
  std::size_t delivered = 0;
  std::vector<std::size_t> missing;
  Batch batch;

  json told() const {
    return {{"page", number},         {"handler_ns", handler_ns}, {"control_ns", control_ns},
            {"delivered", delivered}, {"missing", missing},       {"library_ns", library_ns}};
  }
};

class Octo {
 public:
  explicit Octo(const Task &task) : client_(open_client(task)), queue_(create_queue()), cache_(task.cache_objects) {}

  void run();

 private:
  using Control = std::pair<std::uint64_t, std::size_t>;  // an instant, and the page that it belongs to

  void wait_until_next();
  void take_announced();
  void note_controls();
  void read_input();
  void start_page(std::string_view line);
  void submit(std::size_t index);
  void finish(Page &page);

  Client client_;
  Queue queue_;
  Cache cache_;
  std::deque<Page> pages_;
  std::size_t open_count_ = 0;
  std::priority_queue<Control, std::vector<Control>, std::greater<>> controls_;
  std::vector<octo_request> requests_;
  std::vector<octo_result> results_;
  std::string unread_;  // of a line whose end is still to come
  bool has_ended_ = false;
  std::array<pollfd, 2> watched_{};
};

// Every name and number of octo_build_information, which are "name number name number".
json versions() {
  std::istringstream words(::octo_build_information());
  json found = json::object();
  for (std::string name, number; words >> name >> number;) found[name] = number;
  return found;
}

void Octo::run() {
  watched_ = {pollfd{::octo_queue_fd(queue_.get()), POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
  std::cout << json{{"ready", true}, {"versions", versions()}} << std::endl;
  while (!has_ended_ || open_count_ > 0 || !controls_.empty()) {
    wait_until_next();
    // First, so that a control waits for the loop alone.
    note_controls();
    if (watched_[0].revents != 0) take_announced();
    if (watched_[1].revents != 0) read_input();
  }
  json told = json::array();
  for (const Page &page : pages_) told.push_back(page.told());
  std::cout << json{{"pages", std::move(told)}} << std::endl;
}

void Octo::wait_until_next() {
  timespec left{};
  if (!controls_.empty()) {
    const std::uint64_t now_ns = ::octo_now_ns();
    const std::uint64_t left_ns = std::max(controls_.top().first, now_ns) - now_ns;
    left.tv_sec = static_cast<time_t>(left_ns / kNsPerS);
    left.tv_nsec = static_cast<long>(left_ns % kNsPerS);
  }
  const int found = ::ppoll(watched_.data(), watched_.size(), controls_.empty() ? nullptr : &left, nullptr);
  if (found < 0 && errno != EINTR) throw std::runtime_error("ppoll failed");
}

void Octo::take_announced() {
  std::array<octo_event, kEventsPerTurn> events{};
  std::size_t count = 0;
  require(::octo_queue_take(queue_.get(), events.data(), sizeof(octo_event), events.size(), &count), "octo_queue_take");
  for (std::size_t i = 0; i < count; ++i) finish(pages_[events[i].tag]);
}

void Octo::note_controls() {
  while (!controls_.empty()) {
    const std::uint64_t now_ns = ::octo_now_ns();
    if (controls_.top().first > now_ns) return;
    pages_[controls_.top().second].control_ns = now_ns;
    controls_.pop();
  }
}

// At most one buffer a turn, so that what the queue announces meanwhile is not kept waiting by what arrives.
void Octo::read_input() {
  std::array<char, kReadSize> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read fills it
  const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size <= 0) {
    has_ended_ = true;
    watched_[1].fd = -1;
    return;
  }
  unread_.append(buffer.data(), static_cast<std::size_t>(size));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = unread_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    start_page(std::string_view(unread_).substr(begin, end - begin));
  }
  unread_.erase(0, begin);
}

void Octo::start_page(std::string_view line) {
  json told = json::parse(line);
  Page &page = pages_.emplace_back();
  page.number = told.at("page").get<std::int64_t>();
  page.deadline_ns = told.at("deadline_ns").get<std::uint64_t>();
  page.keys = told.at("keys").get<std::vector<std::string>>();
  for (std::size_t i = 0; i < page.keys.size(); ++i) {
    octo_body *body = cache_.look_up(page.keys[i]);
    if (body == nullptr) {
      page.fetched.push_back(i);
    } else {
      page.held.emplace_back(::octo_body_retain(body));
    }
  }
  controls_.emplace(page.deadline_ns, pages_.size() - 1);
  ++open_count_;
  submit(pages_.size() - 1);
}

void Octo::submit(std::size_t index) {
  Page &page = pages_[index];
  requests_.clear();
  for (const std::size_t position : page.fetched) {
    octo_request request{};
    request.key = page.keys[position].data();
    request.key_size = page.keys[position].size();
    requests_.push_back(request);
  }
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_DEADLINE | OCTO_BATCH_QUEUE | OCTO_BATCH_TAG;
  options.deadline_ns = page.deadline_ns;
  options.queue = queue_.get();
  options.tag = index;
  octo_batch *batch = nullptr;
  octo_error error = OCTO_ERROR_INIT;
  page.called_ns = ::octo_now_ns();
  require(
      ::octo_submit(client_.get(), requests_.data(), sizeof(octo_request), requests_.size(), &options, &batch, &error),
      "octo_submit", error.text);
  page.batch.reset(batch);
}

void Octo::finish(Page &page) {
  page.handler_ns = ::octo_now_ns();
  --open_count_;
  octo_batch_info info{};
  require(::octo_batch_describe(page.batch.get(), &info, sizeof info), "octo_batch_describe");
  // The budget is what was left at the submit; nothing, where the deadline had passed.
  const std::uint64_t submitted_ns = std::max(page.called_ns, page.deadline_ns - info.budget_us * kNsPerUs);
  page.library_ns = submitted_ns + info.frozen_us * kNsPerUs;
  results_.resize(page.fetched.size());
  require(::octo_batch_results(page.batch.get(), 0, results_.data(), sizeof(octo_result), results_.size()),
          "octo_batch_results");
  for (std::size_t i = 0; i < results_.size(); ++i) {
    const std::size_t position = page.fetched[i];
    if (results_[i].status != OCTO_OK) {
      page.missing.push_back(position);
      continue;
    }
    const std::size_t size = results_[i].body_size;
    if (size != kBodySize) throw std::runtime_error(page.keys[position] + " has " + std::to_string(size) + " bytes");
    cache_.keep(page.keys[position], results_[i].body_handle);
  }
  page.delivered = page.keys.size() - page.missing.size();
  page.batch.reset();
  page.held.clear();
  page.keys = {};
  page.fetched = {};
}

}  // namespace
}  // namespace octo_bench

int main(int count, char **words) {
  try {
    octo_bench::Octo(octo_bench::read_task(count, words)).run();
    return ::octo_shutdown(octo_bench::kShutdownUs) == OCTO_OK ? 0 : 1;
  } catch (const std::exception &error) {
    std::cerr << "octo: " << error.what() << '\n';
    return 1;
  }
}
