// The C functions of bodies: a retained body is a counted pointer.
#include "batch/body.hpp"

#include "capi/boundary.hpp"

namespace {

octo::Body *body_of(octo_body *body) noexcept { return reinterpret_cast<octo::Body *>(body); }
const octo::Body *body_of(const octo_body *body) noexcept { return reinterpret_cast<const octo::Body *>(body); }

}  // namespace

octo_body *octo_body_retain(octo_body *body) noexcept {
  if (body != nullptr) body_of(body)->retain();
  return body;
}

void octo_body_release(octo_body *body) noexcept {
  if (body != nullptr) body_of(body)->release();
}

const void *octo_body_data(const octo_body *body) noexcept { return body == nullptr ? nullptr : body_of(body)->data(); }

size_t octo_body_size(const octo_body *body) noexcept { return body == nullptr ? 0 : body_of(body)->size(); }
