// Ending and releasing each kind of object, for objects.hpp.
#include "capi/objects.hpp"

#include "batch/batch.hpp"
#include "client/client.hpp"
#include "client/options.hpp"
#include "client/queue.hpp"

namespace octo {

void end_object(HandleKind kind, void *object) noexcept {
  switch (kind) {
    case HandleKind::options: break;
    case HandleKind::client: static_cast<Client *>(object)->close(); break;
    case HandleKind::batch: static_cast<Batch *>(object)->give_up(); break;
    case HandleKind::queue: static_cast<Queue *>(object)->close(); break;
  }
}

void release_object(HandleKind kind, void *object) noexcept {
  switch (kind) {
    case HandleKind::options: delete static_cast<Options *>(object); break;
    case HandleKind::client: static_cast<Client *>(object)->release(); break;
    case HandleKind::batch: static_cast<Batch *>(object)->release(); break;
    case HandleKind::queue: static_cast<Queue *>(object)->release(); break;
  }
}

}  // namespace octo
