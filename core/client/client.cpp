// Submitting, reloading and ending a client, for client.hpp.
#include "client/client.hpp"

#include <algorithm>
#include <new>

#include "base/os_generation.hpp"
#include "base/printable.hpp"
#include "client/header_rules.hpp"
#include "client/origin_target.hpp"

namespace octo {
namespace {

Failure refuse(std::string text) { return {Status::invalid_argument, std::move(text)}; }

std::string seconds(Duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

}  // namespace

Client::~Client() {
  EngineCell *cell = cell_.load(std::memory_order_acquire);
  if (cell == nullptr || cell->generation != process_generation()) return;
  cell->engine->close();
  delete cell;
}

std::shared_ptr<Engine> Client::engine() const noexcept {
  const EngineCell *cell = cell_.load(std::memory_order_acquire);
  if (cell == nullptr || cell->generation != process_generation()) return nullptr;
  return cell->engine;
}

std::shared_ptr<Engine> Client::ensure_engine() {
  const std::uint64_t generation = process_generation();
  EngineCell *cell = cell_.load(std::memory_order_acquire);
  while (cell == nullptr || cell->generation != generation) {
    auto fresh = std::make_unique<EngineCell>(EngineCell{generation, std::make_shared<Engine>(config_, generation)});
    fresh->engine->ledger().set_bytes_max(memory_max_.load(std::memory_order_relaxed));
    if (cell_.compare_exchange_strong(cell, fresh.get(), std::memory_order_acq_rel)) {
      // Only now: credentials that are set from here on find the engine.
      fresh->engine->credentials().take_over(credentials_);
      return fresh.release()->engine;
    }
  }
  return cell->engine;
}

Result<Client::Prepared> Client::prepare(const SubmitSpec &spec, Instant submitted_at) {
  if (is_closed_.load(std::memory_order_acquire)) {
    return Failure{Status::closed, "the client is closed or draining"};
  }
  const std::uint64_t requests_max = options_.number(OptionId::batch_requests_max);
  if (spec.requests.size() > requests_max) {
    return refuse("the batch has " + std::to_string(spec.requests.size()) + " requests; batch.requests_max allows " +
                  std::to_string(requests_max) + ": split it");
  }
  auto deadline = deadline_of(spec, submitted_at);
  if (!deadline.is_ok()) return deadline.failure();
  BatchSpec batch;
  batch.submitted_at = submitted_at;
  batch.deadline = deadline.value();
  batch.tag = spec.tag;
  batch.streams = spec.streams;
  batch.keeps_attempts = spec.keeps_attempts;
  batch.announcer = Ref<Announcer>::share(spec.queue.get());
  if (spec.headers.size() > kBatchHeadersMax) {
    return refuse("the batch has " + std::to_string(spec.headers.size()) + " headers; at most " +
                  std::to_string(kBatchHeadersMax) + " are allowed");
  }
  for (const auto &[name, value] : spec.headers) {
    auto line = header_line(name, value, is_exposed_);
    if (!line.is_ok()) return line.failure();
    if (config_->signing && is_authorization(line.value())) return authorization_refused();
    batch.headers.push_back(std::move(line.value()));
  }
  std::vector<std::pair<std::uint32_t, Failure>> invalid;
  batch.requests.reserve(spec.requests.size());
  for (const RequestSpec &request : spec.requests) {
    auto checked = check_request(request);
    if (checked.is_ok()) {
      batch.requests.push_back(std::move(checked.value()));
      continue;
    }
    if (checked.failure().status != Status::invalid_key) {
      return Failure{checked.failure().status,
                     "request " + std::to_string(batch.requests.size()) + ": " + checked.failure().text};
    }
    invalid.emplace_back(static_cast<std::uint32_t>(batch.requests.size()), checked.failure());
    batch.requests.emplace_back().key = std::string(request.key.substr(0, kKeyBytesMax));
  }
  auto prepared = prepare_batch(std::move(batch));
  if (prepared.is_ok()) prepared.value().invalid = std::move(invalid);
  return prepared;
}

Result<Client::Prepared> Client::prepare_batch(BatchSpec spec) {
  const std::shared_ptr<Engine> engine = ensure_engine();
  auto admission = std::make_shared<Admission>(engine);
  spec.host = admission;
  spec.ledger = engine->ledger_ref();
  spec.addresses = engine->address_book();
  Prepared prepared;
  prepared.batch = Ref<Batch>::adopt(new Batch(std::move(spec), system_clock()));
  admission->batch = prepared.batch.get();
  prepared.admission = std::move(admission);
  return prepared;
}

Result<Instant> Client::deadline_of(const SubmitSpec &spec, Instant submitted_at) const {
  if (spec.budget && spec.deadline) {
    return refuse("a batch has a budget or a deadline, not both; drop one");
  }
  if (spec.deadline) {
    if (*spec.deadline > later_by(submitted_at, kBudgetMax)) {
      return refuse("deadline_ns is more than " + seconds(kBudgetMax) +
                    " ahead; it counts nanoseconds on the clock of octo_now_ns");
    }
    return *spec.deadline;
  }
  const std::int64_t own_ns = budget_ns_.load(std::memory_order_relaxed);
  if (!spec.budget && own_ns < 0) {
    return refuse("the batch has no budget or deadline; give one, or set the client's budget option");
  }
  const Duration budget = spec.budget.value_or(Duration(own_ns));
  if (budget > kBudgetMax) {
    return refuse("budget_us is more than " + seconds(kBudgetMax) + "; it counts microseconds");
  }
  return later_by(submitted_at, budget);
}

Result<Request> Client::check_request(const RequestSpec &spec) const {
  const bool is_s3 = config_->transport.is_s3;
  auto target = encode_target(origin_.base_path, spec.key, is_s3 || options_.flag(OptionId::key_dot_segments));
  if (!target.is_ok()) return target.failure();
  Request request;
  request.key = std::string(spec.key);
  request.target = std::move(target.value());
  char separator = '?';
  if (spec.query && !spec.query->empty()) {
    if (spec.query->size() > 4096 || !is_url_query(*spec.query)) {
      return refuse("query '" + printable(*spec.query, 64) +
                    "' has more than 4096 bytes or characters that must be percent-encoded");
    }
    request.target.push_back(separator);
    // A signature covers one spelling of the query, and stores differ in how they read others.
    request.target.append(is_s3 ? canonical_query(*spec.query) : std::string(*spec.query));
    separator = '&';
  }
  if (spec.version_id) {
    if (spec.version_id->empty() || spec.version_id->size() > 1024) {
      return refuse("version_id has 1 to 1024 bytes");
    }
    request.target.push_back(separator);
    request.target.append("versionId=");
    percent_encode(*spec.version_id, false, request.target);
  }
  if (spec.if_none_match) {
    if (!is_entity_tag(*spec.if_none_match)) {
      return refuse("if_none_match '" + printable(*spec.if_none_match, 64) +
                    "' is not an entity tag; write it with its quotes, as the origin sent it");
    }
    request.if_none_match = std::string(*spec.if_none_match);
  }
  if (spec.range) {
    const ByteRange &range = *spec.range;
    if (range.kind == ByteRange::Kind::closed && range.first > range.last) {
      return refuse("range_first " + std::to_string(range.first) + " is behind range_last " +
                    std::to_string(range.last));
    }
    if (range.kind == ByteRange::Kind::suffix && range.last == 0) {
      return refuse("a suffix range of 0 bytes asks for nothing");
    }
    request.range = range;
  }
  request.priority = spec.priority;
  return request;
}

bool Client::start(Prepared &prepared) noexcept {
  Batch &batch = *prepared.batch;
  Engine &engine = *prepared.admission->engine;
  if (!engine.enter(*prepared.admission)) return false;
  for (auto &[index, failure] : prepared.invalid) {
    Outcome outcome;
    outcome.status = failure.status;
    outcome.message = std::move(failure.text);
    outcome.since = batch.submitted_at();
    if (batch.settle(index, std::move(outcome))) engine.counters().requests_other.add();
  }
  if (batch.request_count() == 0) batch.freeze(Cause::complete);
  engine.submit(*prepared.admission);
  return true;
}

Result<Done> Client::set(std::string_view name, std::string_view value) {
  const auto row = find_option(name);
  if (!row.is_ok()) return row.failure();
  if (!row.value()->is_reloadable) {
    return refuse(std::string(row.value()->name) + " is fixed when the client is opened; open another client");
  }
  auto parsed = parse_option(*row.value(), value);
  if (!parsed.is_ok()) return parsed.failure();
  const std::uint64_t number = parsed.value().number;
  if (row.value()->id == OptionId::budget) {
    budget_ns_.store(static_cast<std::int64_t>(number), std::memory_order_relaxed);
  } else {
    memory_max_.store(number, std::memory_order_relaxed);
    if (const auto running = engine()) running->ledger().set_bytes_max(number);
  }
  return Done{};
}

Result<std::string> Client::get(std::string_view name) const {
  const auto row = find_option(name);
  if (!row.is_ok()) return row.failure();
  const OptionRow &option = *row.value();
  const OptionValue &value = options_.value(option.id);
  if (option.is_secret) return std::string(value.text.empty() ? "" : "***");
  if (option.id == OptionId::memory_max) {
    return format_option(option, {memory_max_.load(std::memory_order_relaxed), {}});
  }
  if (option.id == OptionId::budget) {
    const std::int64_t own_ns = budget_ns_.load(std::memory_order_relaxed);
    return own_ns < 0 ? std::string() : format_option(option, {static_cast<std::uint64_t>(own_ns), {}});
  }
  if (option.id == OptionId::name && value.text.empty()) return origin_.host;
  return format_option(option, value);
}

Result<Done> Client::set_credentials(const CredentialText &text) {
  if (!config_->signing) {
    return Failure{Status::unsupported, config_->transport.is_s3
                                            ? "s3.unsigned is set, so that nothing is signed; open another client"
                                            : "http and https origins take no credentials; set a header instead"};
  }
  auto credentials = share_credentials(text);
  if (!credentials.is_ok()) return credentials.failure();
  credentials_.put(std::move(credentials.value()));
  if (const auto running = engine()) running->credentials().take_over(credentials_);
  return Done{};
}

Result<Done> Client::warm(std::uint32_t connections, Duration wait) {
  const Instant now = system_clock().now();
  BatchSpec spec;
  spec.submitted_at = now;
  spec.deadline = later_by(now, std::min(wait, kBudgetMax));
  const std::uint32_t count = std::min(connections, options_.count(OptionId::connections_max));
  spec.requests.resize(count);
  for (Request &request : spec.requests) {
    request.target = origin_.base_path.empty() ? "/" : origin_.base_path;
    request.warms = true;
    request.priority = Priority::required;
  }
  auto prepared = prepare_batch(std::move(spec));
  if (!prepared.is_ok()) return prepared.failure();
  Batch &batch = *prepared.value().batch;
  if (is_closed_.load(std::memory_order_acquire) || !start(prepared.value())) {
    return Failure{Status::closed, "the client is closed or draining"};
  }
  static_cast<void>(batch.wait(kNever));
  Result<Done> answer = Done{};
  for (std::uint32_t index = 0; index < count && answer.is_ok(); ++index) {
    const Outcome *outcome = batch.outcome(index);
    if (outcome == nullptr) {
      answer = Failure{Status::deadline,
                       "not all connections stood when wait_us was over; the last "
                       "one was " +
                           std::string(phase_name(batch.unsettled(index).phase))};
    } else if (outcome->http_status == 0) {
      answer = Failure{outcome->status, outcome->message};
    }
  }
  batch.give_up();
  return answer;
}

Status Client::drain(Instant until) noexcept {
  is_closed_.store(true, std::memory_order_release);
  const auto running = engine();
  if (running == nullptr) return Status::ok;
  running->refuse_new();
  return running->wait_until_frozen(until);
}

void Client::close() noexcept {
  is_closed_.store(true, std::memory_order_release);
  if (const auto running = engine()) running->close();
}

void Client::stop() const noexcept {
  const auto running = engine();
  if (running == nullptr) return;
  running->freeze_all(Cause::cancelled);
  running->stop_thread();
}

void Client::wake() const noexcept {
  if (const auto running = engine()) running->stop_thread();
}

}  // namespace octo
