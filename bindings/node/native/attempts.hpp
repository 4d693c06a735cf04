// Reads the attempts of a batch as values of JavaScript.
#pragma once

#include <napi.h>
#include <octofetch.h>

namespace octo_node {

// [numbers, addresses] of all attempts of a frozen batch that keeps them. Numbers are those of octo_attempt, one attempt
// after the other; each address has a NUL behind it. A refusal of the library is thrown.
Napi::Value read_attempts(Napi::Env env, octo_batch *batch);

}  // namespace octo_node
