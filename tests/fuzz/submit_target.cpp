// Structs of any size and content handed to octo_submit and its readers: valid memory, whatever is in it.
//
// An input is bytes: sizes and counts, then the structs themselves, as far as they go. Pointers in them are replaced
// by NULL, by text, or by a live or ended handle. A budget is always 0, so that no thread starts and nothing goes on
// the net.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "octofetch.h"
#include "require.hpp"
#include "target.hpp"

namespace octo::fuzz {
namespace {

// What the process keeps: a client that serves no network, and a queue.
struct World {
  World() {
    octo_options *options = nullptr;
    require(octo_options_create(&options) == OCTO_OK, "a set of options can be made");
    for (const auto &[name, value] : {std::pair{"budget", "0ms"}, std::pair{"dns.addresses", "127.0.0.1"}}) {
      require(octo_options_set(options, name, value, nullptr) == OCTO_OK, "an option can be set", name);
    }
    require(octo_client_open("http://origin.test:1/base", options, &client, nullptr) == OCTO_OK, "a client opens");
    require(octo_client_open("s3://bucket/prefix", with_s3(options), &s3_client, nullptr) == OCTO_OK, "and one of s3");
    octo_options_free(options);
    require(octo_queue_create([](void *) {}, nullptr, &queue) == OCTO_OK, "a queue can be made");
    require(octo_queue_create([](void *) {}, nullptr, &ended_queue) == OCTO_OK, "and another");
    octo_queue_free(ended_queue);
  }
  World(const World &) = delete;
  World &operator=(const World &) = delete;
  ~World() {
    octo_client_close(client);
    octo_client_close(s3_client);
    octo_queue_free(queue);
  }

  static octo_options *with_s3(octo_options *options) {
    octo_options_set(options, "s3.endpoint", "http://127.0.0.1:1", nullptr);
    octo_options_set(options, "s3.access_key_id", "EXAMPLE", nullptr);
    octo_options_set(options, "s3.secret_access_key", "example", nullptr);
    return options;
  }

  octo_client *client = nullptr;
  octo_client *s3_client = nullptr;
  octo_queue *queue = nullptr;
  octo_queue *ended_queue = nullptr;
};

// The texts that pointers of a struct may point to: NULL, or pieces of the input, each ended by a NUL.
class Texts {
 public:
  explicit Texts(Input &input) {
    constexpr std::size_t kTextsMax = 8;
    const std::uint8_t count = input.plain<std::uint8_t>() % kTextsMax;
    for (std::uint8_t i = 0; i < count; ++i) texts_.emplace_back(input.until('\0'));
  }

  const char *pick(const void *random) const {
    const auto index = reinterpret_cast<std::uintptr_t>(random) % (texts_.size() + 1);
    return index == 0 ? nullptr : texts_[index - 1].c_str();
  }
  // A key of any bytes, and not ended by a NUL.
  std::string_view pick_key(const void *random) const {
    const char *text = pick(random);
    return text == nullptr ? std::string_view() : std::string_view(text);
  }

 private:
  std::vector<std::string> texts_;
};

// Memory of exactly `size` bytes, so that a read or write beyond it shows: what the struct has, and then the input's.
template <typename T>
std::vector<char> as_memory(const T &own, std::size_t size, Input &input) {
  std::vector<char> memory(size);
  if (size == 0) return memory;
  std::memcpy(memory.data(), &own, std::min(size, sizeof own));
  // A tail of another version: seldom there, or the call would never pass it.
  if (size > sizeof own && input.plain<std::uint8_t>() % 4 == 0) memory.back() = input.plain<char>();
  return memory;
}

octo_request read_request(Input &input, const Texts &texts) {
  auto request = input.plain<octo_request>();
  const std::string_view key = texts.pick_key(request.key);
  request.key = key.data();
  request.key_size = key.empty() ? request.key_size % 2 : key.size();
  request.query = texts.pick(request.query);
  request.version_id = texts.pick(request.version_id);
  request.if_none_match = texts.pick(request.if_none_match);
  return request;
}

std::vector<octo_header> read_headers(Input &input, const Texts &texts) {
  std::vector<octo_header> headers(input.plain<std::uint8_t>() % 4);
  for (octo_header &header : headers) {
    header = input.plain<octo_header>();
    header.name = texts.pick(header.name);
    header.value = texts.pick(header.value);
  }
  return headers;
}

octo_batch_options read_options(Input &input, const std::vector<octo_header> &headers, const World &world) {
  auto options = input.plain<octo_batch_options>();
  if ((options.flags & OCTO_BATCH_BUDGET) != 0) options.budget_us = 0;
  // Not within what a batch may run: the past, or so far ahead that it is refused.
  if (options.deadline_ns < octo_now_ns() + 3'600'000'000'000) options.deadline_ns = 1;
  options.headers = headers.empty() ? nullptr : headers.data();
  options.header_count = options.header_count % 2 == 0 ? headers.size() : 33 + options.header_count % 1000;
  octo_queue *const queues[] = {world.queue, world.ended_queue, nullptr, options.queue,
                                reinterpret_cast<octo_queue *>(world.client)};
  options.queue = queues[reinterpret_cast<std::uintptr_t>(options.queue) % 5];
  return options;
}

void check_error(octo_status answer, const std::vector<char> &memory) {
  constexpr std::size_t kTextAt = offsetof(octo_error, text);
  if (answer == OCTO_OK || memory.size() <= kTextAt) return;
  const std::string_view text(memory.data() + kTextAt, memory.size() - kTextAt);
  const std::size_t end = text.find('\0');
  require(end != std::string_view::npos, "an error text ends within the caller's struct");
  require(is_clean(text.substr(0, end)), "an error text is UTF-8 without control bytes", text.substr(0, end));
}

void check_results(octo_batch *batch, std::size_t count, bool keeps_attempts, Input &input) {
  octo_batch_info info{};
  require(octo_batch_describe(batch, &info, sizeof info) == OCTO_OK, "a batch can be described");
  require(info.request_count == count && info.state != OCTO_AGAIN, "a batch without time is frozen");
  require(info.ok_count + info.missing_count + info.late_count + info.failed_count == count, "the counts add up");
  const std::size_t result_size = input.plain<std::uint16_t>() % 512;
  const std::size_t first = input.plain<std::uint8_t>() % 8;
  const std::size_t wanted = input.plain<std::uint8_t>() % 8;
  std::vector<char> results(result_size * wanted);
  const octo_status answer =
      octo_batch_results(batch, first, reinterpret_cast<octo_result *>(results.data()), result_size, wanted);
  const bool is_inside = wanted == 0 || (first + wanted <= count && result_size != 0);
  require(answer == (is_inside ? OCTO_OK : OCTO_INVALID_ARGUMENT), "results are given for what is there");
  if (answer == OCTO_OK && result_size > sizeof(octo_result) && wanted != 0) {
    require(results[result_size - 1] == 0, "what only the caller knows is zeroed");
  }
  std::vector<char> attempts(result_size * wanted);
  const octo_status kept =
      octo_batch_attempts(batch, first, reinterpret_cast<octo_attempt *>(attempts.data()), result_size, wanted);
  require(kept == OCTO_OK ? keeps_attempts && first + wanted == 0 : kept == OCTO_INVALID_ARGUMENT,
          "a batch without time has no attempts");
  for (const int32_t format : {OCTO_EXPLAIN_LINE, OCTO_EXPLAIN_JSON, OCTO_EXPLAIN_SVG}) {
    std::vector<char> text(input.plain<std::uint16_t>() % 2048 + 1, 'x');
    std::size_t size = 0;
    require(octo_batch_explain(batch, format, text.data(), text.size(), &size) == OCTO_OK, "it can be explained");
    require(std::memchr(text.data(), '\0', text.size()) != nullptr, "an explanation ends in the caller's buffer");
    if (size >= text.size()) continue;
    Input lines(std::string_view(text.data(), size));
    while (!lines.is_empty()) require(is_clean(lines.line()), "an explanation is UTF-8 without control bytes");
  }
}

}  // namespace

void try_input(Input &input) {
  static const World world;
  const auto choice = input.plain<std::uint8_t>();
  const Texts texts(input);
  const std::vector<octo_header> headers = read_headers(input, texts);
  // Mostly the size that this version has.
  const auto size_of = [&](std::size_t own) {
    const auto drawn = input.plain<std::uint16_t>();
    return drawn % 2 == 0 ? own : drawn % 300;
  };
  const std::size_t count = input.plain<std::uint8_t>() % 6;
  const std::size_t request_size = size_of(sizeof(octo_request));
  std::vector<char> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const auto memory = as_memory(read_request(input, texts), request_size, input);
    requests.insert(requests.end(), memory.begin(), memory.end());
  }
  octo_batch_options own = read_options(input, headers, world);
  const std::size_t options_size = std::max<std::size_t>(size_of(sizeof own), sizeof own.size);
  own.size = static_cast<std::uint32_t>(options_size);
  auto options = as_memory(own, options_size, input);
  octo_error own_error = OCTO_ERROR_INIT;
  own_error.size = static_cast<std::uint32_t>(std::max<std::size_t>(size_of(sizeof own_error), sizeof own_error.size));
  auto error = as_memory(own_error, own_error.size, input);

  octo_batch *batch = nullptr;
  const octo_status answer = octo_submit(
      choice % 2 == 0 ? world.client : world.s3_client, reinterpret_cast<const octo_request *>(requests.data()),
      request_size, count, choice % 8 == 7 ? nullptr : reinterpret_cast<octo_batch_options *>(options.data()), &batch,
      reinterpret_cast<octo_error *>(error.data()));
  require((answer == OCTO_OK) == (batch != nullptr), "a batch is there exactly when it was submitted");
  const bool is_known =
      answer == OCTO_OK || answer == OCTO_INVALID_ARGUMENT || answer == OCTO_UNSUPPORTED || answer == OCTO_CLOSED;
  require(is_known, "submit says why not", octo_status_name(answer));
  check_error(answer, error);
  if (batch == nullptr) return;
  const bool has_options = choice % 8 != 7 && options_size > offsetof(octo_batch_options, flags);
  check_results(batch, count, has_options && (own.flags & OCTO_BATCH_ATTEMPTS) != 0, input);
  octo_event event{};
  std::size_t events = 1;
  while (events != 0) octo_queue_take(world.queue, &event, sizeof event, 1, &events);
  octo_batch_free(batch);
}

}  // namespace octo::fuzz
