// How results cross into JavaScript: a few plain values for all of them, which octofetch/records.ts unpacks when somebody
// looks. An object with 25 properties for each of 100 keys would be most of what a batch costs the thread of the loop.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <string>
#include <vector>

namespace octo_node {

struct Packet {
  // [indexes, numbers, texts, bodies]: a Uint32Array, a Float64Array with kNumberCount for each result, what answers
  // texts(index), and an array of Buffers, with undefined where there is none.
  Napi::Array values;
  // Bytes of bodies that were copied, and so are held twice until the batch is freed.
  size_t copied_size = 0;
};

// status, source, phase, flags, httpStatus, attempts, and the ten spans and sizes of octo_result
inline constexpr size_t kNumberCount = 16;

// The results of these requests, all of which must be final. A refusal of the library is thrown.
Packet read_records(Napi::Env env, octo_batch *batch, const std::vector<size_t> &indexes, const Napi::Value &texts);

// message, address, error_code, request_id, extended_request_id, then names and values of headers, each with a NUL behind
// it. Read when somebody asks: hardly anybody looks at the headers of a body.
std::string read_texts(Napi::Env env, octo_batch *batch, size_t index);

}  // namespace octo_node
