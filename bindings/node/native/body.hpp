// A body as a Buffer whose memory is its own: what is written into it shows nowhere else.
#pragma once

#include <napi.h>
#include <octofetch.h>

namespace octo_node {

// From this size on a Buffer lies over the library's bytes; below it a copy costs less than telling V8 of foreign memory
// and being told of its end (bench/node_bodies, Node 20: 1.5 us against 0.9 us at 4 KiB, 2.6 us each at 24 KiB).
inline constexpr size_t kExternalSizeMin = size_t{24} * 1024;

// The batch that the body is of is the only other holder, and nobody reads its bytes there: each request has a body of its
// own, and the library keeps none for later.
Napi::Value to_buffer(Napi::Env env, const octo_result &result);

// How many bytes of it V8 does not know of once it has the Buffer.
inline size_t unknown_size(const octo_result &result) {
  return result.body == nullptr || result.body_size >= kExternalSizeMin ? 0 : result.body_size;
}

}  // namespace octo_node
