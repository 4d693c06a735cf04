// What the addon keeps for each environment of JavaScript that has loaded it: nothing is shared between workers.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "queue.hpp"

namespace octo_node {

struct Environment {
  std::vector<std::unique_ptr<Queue>> queues;  // of each listen(), until the end
  Napi::FunctionReference batch;               // the class
};

inline Environment &environment_of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

// What listen() answered.
inline Queue &queue_of(const Napi::Value &listener) { return *listener.As<Napi::External<Queue>>().Data(); }

// Instants and spans cross as microseconds in a double, which is exact for 285 years; beyond that is as good as never.
inline uint64_t to_us(const Napi::Value &span) {
  constexpr double kExactMax = 9007199254740992.0;
  return static_cast<uint64_t>(std::clamp(span.As<Napi::Number>().DoubleValue(), 0.0, kExactMax));
}

}  // namespace octo_node
