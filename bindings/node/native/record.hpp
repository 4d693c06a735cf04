// How results cross into JavaScript: a few plain values for all of them, which octofetch/records.ts unpacks when somebody
// looks. An object with 25 properties for each of 100 keys would be most of what a batch costs the thread of the loop.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <vector>

namespace octo_node {

struct Packet {
  // [indexes, numbers, texts, bodies]: a Uint32Array, a Float64Array with kNumberCount for each result, a Buffer of texts
  // that each end in NUL, and an array of Buffers, with undefined where there is none.
  Napi::Array values;
  // Bytes of bodies that were copied, and so are held twice until the batch is freed.
  size_t copied_size = 0;
};

// status, source, phase, flags, httpStatus, attempts, the ten spans and sizes of octo_result, and the size of its texts
inline constexpr size_t kNumberCount = 17;

// The results of these requests, all of which must be final. A refusal of the library is thrown.
Packet read_records(Napi::Env env, octo_batch *batch, const std::vector<size_t> &indexes);

}  // namespace octo_node
