// How results cross into JavaScript: as arguments of a call, index, status and body of each, which is what nearly everybody
// looks at; the numbers and texts of one result when somebody asks for them. An object with 25 properties for each of 100
// keys would be most of what a batch costs the thread of the loop; setting the bodies in an array, one by one, and filling
// an array with all numbers were a tenth of it.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <string>
#include <vector>

namespace octo_node {

// How many results one call brings: arguments lie on the stack, and that of a worker may be small.
inline constexpr size_t kResultCountMax = 1024;

inline constexpr size_t kInfoCount = 10;
inline constexpr size_t kFieldCount = 3;

// Appends state, settled, ok, missing, late, failed, budgetUs, frozenUs, pickupLagUs and bodySize.
void append_info(Napi::Env env, const octo_batch_info &info, std::vector<napi_value> &arguments);

// Appends index, status and body, undefined where there is none, of each of these requests, all of which must be final.
// The answer is how many bytes of bodies were copied, and so are held twice until the batch is freed. A refusal of the
// library is thrown.
size_t append_results(Napi::Env env, octo_batch *batch, const size_t *indexes, size_t count,
                      std::vector<napi_value> &arguments);

// source, phase, flags, httpStatus, attempts, and the ten spans and sizes of octo_result.
Napi::Float64Array read_numbers(Napi::Env env, octo_batch *batch, size_t index);

// message, address, error_code, request_id, extended_request_id, then names and values of headers, each with a NUL behind
// it.
std::string read_texts(Napi::Env env, octo_batch *batch, size_t index);

}  // namespace octo_node
