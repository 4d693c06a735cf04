// octo_submit: reads the caller's structs, checks their flags, and starts the batch.
#include <optional>

#include "base/clock.hpp"
#include "capi/boundary.hpp"
#include "capi/handles.hpp"
#include "client/client.hpp"

using octo::guarded;
using octo::HandleKind;
using octo::Pin;
using octo::refuse;
using octo::Status;
using octo::to_c;

namespace {

constexpr uint64_t kRequestFlags = OCTO_REQUEST_QUERY | OCTO_REQUEST_VERSION_ID | OCTO_REQUEST_IF_NONE_MATCH |
                                   OCTO_REQUEST_PRIORITY | OCTO_REQUEST_RANGE | OCTO_REQUEST_RANGE_FROM |
                                   OCTO_REQUEST_RANGE_SUFFIX;
constexpr uint64_t kRangeFlags = OCTO_REQUEST_RANGE | OCTO_REQUEST_RANGE_FROM | OCTO_REQUEST_RANGE_SUFFIX;
constexpr uint32_t kBatchFlags = OCTO_BATCH_BUDGET | OCTO_BATCH_DEADLINE | OCTO_BATCH_QUEUE | OCTO_BATCH_STREAM |
                                 OCTO_BATCH_HEADERS | OCTO_BATCH_TAG | OCTO_BATCH_ATTEMPTS;
// Key, its size and the flags: no request is smaller.
constexpr size_t kRequestSizeMin = offsetof(octo_request, query);
constexpr size_t kBatchOptionsSizeMin = offsetof(octo_batch_options, budget_us);

octo::Failure invalid(std::string text) { return {Status::invalid_argument, std::move(text)}; }

std::optional<octo::ByteRange> range_of(const octo_request &request) {
  using Kind = octo::ByteRange::Kind;
  if ((request.flags & OCTO_REQUEST_RANGE) != 0) {
    return octo::ByteRange{Kind::closed, request.range_first, request.range_last};
  }
  if ((request.flags & OCTO_REQUEST_RANGE_FROM) != 0) {
    return octo::ByteRange{Kind::from, request.range_first, 0};
  }
  if ((request.flags & OCTO_REQUEST_RANGE_SUFFIX) != 0) {
    return octo::ByteRange{Kind::suffix, 0, request.range_last};
  }
  return std::nullopt;
}

octo::Result<octo::RequestSpec> read_request(const octo_request &request, size_t index) {
  const std::string name = "request " + std::to_string(index) + ": ";
  if ((request.flags & ~kRequestFlags) != 0) {
    return octo::Failure{Status::unsupported, name + "a flag that this version does not know"};
  }
  const uint64_t ranges = request.flags & kRangeFlags;
  if ((ranges & (ranges - 1)) != 0) return invalid(name + "more than one kind of range");
  if (request.key == nullptr && request.key_size > 0) return invalid(name + "key is NULL");
  octo::RequestSpec spec;
  spec.key = {static_cast<const char *>(request.key), request.key_size};
  const auto text = [&](uint64_t flag, const char *value, const char *field,
                        std::optional<std::string_view> &out) -> octo::Result<octo::Done> {
    if ((request.flags & flag) == 0) return octo::Done{};
    if (value == nullptr) return invalid(name + field + " is flagged but NULL");
    out = value;
    return octo::Done{};
  };
  auto read = text(OCTO_REQUEST_QUERY, request.query, "query", spec.query);
  if (read.is_ok()) {
    read = text(OCTO_REQUEST_VERSION_ID, request.version_id, "version_id", spec.version_id);
  }
  if (read.is_ok()) {
    read = text(OCTO_REQUEST_IF_NONE_MATCH, request.if_none_match, "if_none_match", spec.if_none_match);
  }
  if (!read.is_ok()) return read.failure();
  spec.range = range_of(request);
  if ((request.flags & OCTO_REQUEST_PRIORITY) != 0) {
    if (request.priority >= octo::kPriorityCount) {
      return invalid(name + "priority is OCTO_PRIORITY_OPTIONAL, NORMAL or REQUIRED");
    }
    spec.priority = static_cast<octo::Priority>(request.priority);
  }
  return spec;
}

octo::Result<octo::Done> read_requests(const octo_request *requests, size_t request_size, size_t request_count,
                                       octo::SubmitSpec &spec) {
  if (request_count == 0) return octo::Done{};
  if (requests == nullptr) return invalid("requests is NULL");
  if (request_size < kRequestSizeMin) return invalid("request_size is not sizeof(octo_request)");
  // Far beyond any batch.requests_max: refused before memory is taken for it.
  if (request_count > (1u << 20)) {
    return invalid("the batch has " + std::to_string(request_count) +
                   " requests; batch.requests_max allows at most 16384: split it");
  }
  spec.requests.reserve(request_count);
  const char *at = reinterpret_cast<const char *>(requests);
  for (size_t index = 0; index < request_count; ++index, at += request_size) {
    octo_request request{};
    if (!octo::copy_in(at, request_size, request)) {
      return octo::Failure{Status::unsupported,
                           "request " + std::to_string(index) + ": a field that this version does not know"};
    }
    auto read = read_request(request, index);
    if (!read.is_ok()) return read.failure();
    spec.requests.push_back(read.value());
  }
  return octo::Done{};
}

octo::Result<octo::Done> read_headers(const octo_batch_options &options, octo::SubmitSpec &spec) {
  if ((options.flags & OCTO_BATCH_HEADERS) == 0) return octo::Done{};
  if (options.header_count > 0 && options.headers == nullptr) return invalid("headers is NULL");
  if (options.header_count > 32) {
    return invalid("the batch has " + std::to_string(options.header_count) + " headers; at most 32 are allowed");
  }
  for (size_t index = 0; index < options.header_count; ++index) {
    const octo_header &header = options.headers[index];
    if (header.name == nullptr || header.value == nullptr) {
      return invalid("header " + std::to_string(index) + ": name or value is NULL");
    }
    if ((header.flags & ~OCTO_HEADER_NEUTRAL) != 0) {
      return octo::Failure{Status::unsupported,
                           "header " + std::to_string(index) + ": a flag that this version does not know"};
    }
    spec.headers.emplace_back(header.name, header.value);
  }
  return octo::Done{};
}

octo::Result<octo::Done> read_options(const octo_batch_options *theirs, octo::SubmitSpec &spec) {
  if (theirs == nullptr) return octo::Done{};
  if (theirs->size < kBatchOptionsSizeMin) {
    return invalid("batch options: size is not set; begin with OCTO_BATCH_OPTIONS_INIT");
  }
  octo_batch_options options{};
  if (!octo::copy_in(theirs, theirs->size, options) || (options.flags & ~kBatchFlags) != 0) {
    return octo::Failure{Status::unsupported, "batch options: a flag or field that this version does not know"};
  }
  if ((options.flags & OCTO_BATCH_BUDGET) != 0) {
    const uint64_t budget_us = std::min<uint64_t>(options.budget_us, uint64_t{1} << 50);
    spec.budget = std::chrono::microseconds(budget_us);
  }
  if ((options.flags & OCTO_BATCH_DEADLINE) != 0) {
    const uint64_t deadline_ns = std::min<uint64_t>(options.deadline_ns, INT64_MAX);
    spec.deadline = octo::Instant(octo::Duration(static_cast<int64_t>(deadline_ns)));
  }
  if ((options.flags & OCTO_BATCH_TAG) != 0) spec.tag = options.tag;
  spec.streams = (options.flags & OCTO_BATCH_STREAM) != 0;
  spec.keeps_attempts = (options.flags & OCTO_BATCH_ATTEMPTS) != 0;
  if (spec.streams && (options.flags & OCTO_BATCH_QUEUE) == 0) {
    return invalid("OCTO_BATCH_STREAM needs a queue to announce to");
  }
  if ((options.flags & OCTO_BATCH_QUEUE) != 0) {
    const Pin queue(octo::value_of(options.queue), HandleKind::queue);
    if (!queue.is_ok()) return octo::Failure{queue.status(), "queue: not an open queue"};
    spec.queue = octo::Ref<octo::Queue>::share(&queue.object<octo::Queue>());
  }
  return read_headers(options, spec);
}

}  // namespace

octo_status octo_submit(octo_client *client, const octo_request *requests, size_t request_size, size_t request_count,
                        const octo_batch_options *options, octo_batch **batch_out, octo_error *error) noexcept {
  const octo::Instant submitted_at = octo::system_clock().now();
  return guarded(error, [&] {
    if (batch_out == nullptr) {
      return refuse(error, Status::invalid_argument, "batch_out must not be NULL");
    }
    *batch_out = nullptr;
    const Pin pin(octo::value_of(client), HandleKind::client);
    if (!pin.is_ok()) return refuse(error, pin.status(), "client: not an open client");
    octo::SubmitSpec spec;
    if (auto read = read_options(options, spec); !read.is_ok()) return refuse(error, read.failure());
    if (auto read = read_requests(requests, request_size, request_count, spec); !read.is_ok()) {
      return refuse(error, read.failure());
    }
    auto &owner = pin.object<octo::Client>();
    auto prepared = owner.prepare(spec, submitted_at);
    if (!prepared.is_ok()) return refuse(error, prepared.failure());
    octo::Batch *batch = prepared.value().batch.get();
    // Before anything starts, so that its first event carries it. The handle counts a reference of its own.
    batch->retain();
    const std::uintptr_t handle = octo::handle_create(HandleKind::batch, batch);
    if (handle == 0) {
      batch->release();
      return refuse(error, Status::no_memory, "there is no memory for a batch");
    }
    batch->handle.store(handle, std::memory_order_release);
    if (!owner.start(prepared.value())) {
      octo::handle_end(handle, HandleKind::batch);
      return refuse(error, Status::closed, "the client is closed or draining");
    }
    *batch_out = reinterpret_cast<octo_batch *>(handle);
    return to_c(Status::ok);
  });
}
