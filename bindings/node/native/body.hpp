// A body as a Buffer whose memory is its own: what is written into it shows nowhere else.
#pragma once

#include <napi.h>
#include <octofetch.h>

namespace octo_node {

// From this size on a Buffer lies over the library's bytes. Measured with Node 20, batches of 200 keys, in microseconds of
// the loop's thread for a key, garbage collection included: at 1 KiB there is no difference beyond the noise, at 4 KiB it
// is 2.8 against 5.0 for a copy, at 64 KiB 4 against 19.
inline constexpr size_t kExternalSizeMin = size_t{2} * 1024;

struct MadeBuffer {
  Napi::Value value;
  size_t copied_size;  // bytes of the library that V8 does not know of
};

// The batch that the body is of is the only other holder, and nobody reads its bytes there: each request has a body of its
// own, and the library keeps none for later.
MadeBuffer to_buffer(Napi::Env env, const octo_result &result);

}  // namespace octo_node
