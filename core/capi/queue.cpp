// The C functions of queues.
#include "client/queue.hpp"

#include <array>

#include "capi/boundary.hpp"
#include "capi/handles.hpp"

using octo::guarded;
using octo::HandleKind;
using octo::Pin;
using octo::Status;
using octo::to_c;

octo_status octo_queue_create(octo_wake_fn wake, void *context, octo_queue **queue_out) noexcept {
  return guarded(nullptr, [&] {
    if (queue_out == nullptr) return to_c(Status::invalid_argument);
    *queue_out = nullptr;
    auto queue = octo::Queue::create(wake, context);
    if (!queue.is_ok()) return to_c(queue.failure().status);
    const std::uintptr_t handle = octo::handle_create(HandleKind::queue, queue.value().get());
    if (handle == 0) return to_c(Status::no_memory);
    static_cast<void>(queue.value().leak());
    *queue_out = reinterpret_cast<octo_queue *>(handle);
    return to_c(Status::ok);
  });
}

int octo_queue_fd(const octo_queue *queue) noexcept {
  const Pin pin(octo::value_of(queue), HandleKind::queue);
  return pin.is_ok() ? pin.object<octo::Queue>().fd() : -1;
}

octo_status octo_queue_take(octo_queue *queue, octo_event *events_out, size_t event_size, size_t count_max,
                            size_t *count_out) noexcept {
  const Pin pin(octo::value_of(queue), HandleKind::queue);
  if (!pin.is_ok()) return to_c(pin.status());
  if (count_out == nullptr || event_size == 0 || (events_out == nullptr && count_max > 0)) {
    return to_c(Status::invalid_argument);
  }
  size_t total = 0;
  char *at = reinterpret_cast<char *>(events_out);
  while (total < count_max) {
    std::array<octo::QueueEvent, 64> slice;
    const size_t wanted = std::min(slice.size(), count_max - total);
    const size_t count = pin.object<octo::Queue>().take(slice.data(), wanted);
    for (size_t i = 0; i < count; ++i, at += event_size) {
      octo_event event{};
      event.batch = reinterpret_cast<octo_batch *>(slice[i].batch_handle);
      event.tag = slice[i].tag;
      event.type = slice[i].is_frozen ? OCTO_EVENT_FROZEN : OCTO_EVENT_SETTLED;
      octo::copy_out(event, at, event_size);
    }
    total += count;
    if (count < wanted) break;
  }
  *count_out = total;
  return to_c(Status::ok);
}

void octo_queue_free(octo_queue *queue) noexcept { octo::handle_end(octo::value_of(queue), HandleKind::queue); }
