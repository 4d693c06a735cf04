// What the addon keeps for each environment of JavaScript that has loaded it: nothing is shared between workers.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "queue.hpp"

namespace octo_node {

struct Environment {
  std::unique_ptr<Queue> queue;   // from listen() on
  Napi::FunctionReference batch;  // the class
};

inline Environment &environment_of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

// Deadlines and spans cross as microseconds in a double, which is exact for 285 years.
inline uint64_t to_us(const Napi::Value &span) { return static_cast<uint64_t>(span.As<Napi::Number>().DoubleValue()); }

}  // namespace octo_node
