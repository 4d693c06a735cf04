// The idle and the prepare handle of loop_handles.hpp.
#include "transport/loop_handles.hpp"

namespace octo {

void LoopHandles::open() noexcept {
  ::uv_idle_init(loop_, &idle_);
  idle_.data = this;
  add();
  ::uv_prepare_init(loop_, &before_wait_);
  before_wait_.data = this;
  add();
  ::uv_prepare_start(&before_wait_,
                     [](uv_prepare_t *handle) { static_cast<LoopHandles *>(handle->data)->visit_.pause(); });
  is_open_ = true;
}

void LoopHandles::close() noexcept {
  if (!is_open_) return;
  is_open_ = false;
  const auto on_closed = [](uv_handle_t *handle) { static_cast<LoopHandles *>(handle->data)->remove(); };
  ::uv_close(reinterpret_cast<uv_handle_t *>(&idle_), on_closed);
  ::uv_close(reinterpret_cast<uv_handle_t *>(&before_wait_), on_closed);
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
