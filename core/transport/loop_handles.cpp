// The idle handle of loop_handles.hpp.
#include "transport/loop_handles.hpp"

namespace octo {

void LoopHandles::open() noexcept {
  ::uv_idle_init(loop_, &idle_);
  idle_.data = this;
  is_open_ = true;
  add();
}

void LoopHandles::close() noexcept {
  if (!is_open_) return;
  is_open_ = false;
  ::uv_close(reinterpret_cast<uv_handle_t *>(&idle_),
             [](uv_handle_t *handle) { static_cast<LoopHandles *>(handle->data)->remove(); });
}

void LoopHandles::hurry() noexcept {
  if (!is_open_ || is_hurrying_) return;
  is_hurrying_ = true;
  ::uv_idle_start(&idle_, [](uv_idle_t *) {});
}

void LoopHandles::relax() noexcept {
  if (!is_open_ || !is_hurrying_) return;
  is_hurrying_ = false;
  ::uv_idle_stop(&idle_);
}

}  // namespace octo
