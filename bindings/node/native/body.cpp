// Makes Buffers of bodies, over the library's memory or as copies.
#include "body.hpp"

namespace octo_node {

namespace {

void release(napi_env, void *, void *body) { octo_body_release(static_cast<octo_body *>(body)); }

}  // namespace

MadeBuffer to_buffer(Napi::Env env, const octo_result &result) {
  napi_value made = nullptr;
  if (result.body_size >= kExternalSizeMin) {
    octo_body *const body = octo_body_retain(result.body_handle);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): owned by the Buffer alone from here on
    void *const data = const_cast<void *>(octo_body_data(body));
    if (napi_create_external_buffer(env, result.body_size, data, &release, body, &made) == napi_ok) {
      return {Napi::Value(env, made), 0};
    }
    octo_body_release(body);
    // Electron and other sandboxes of V8 allow no memory but their own.
  }
  const auto copy = Napi::Buffer<uint8_t>::Copy(env, static_cast<const uint8_t *>(result.body), result.body_size);
  return {Napi::Value(env, copy), result.body_size};
}

}  // namespace octo_node
