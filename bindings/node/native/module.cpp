// The addon: octofetch.h for the modules in octofetch/, which are what users see. It decides nothing, it waits for nothing
// on the thread of the loop, and no thread of the library enters JavaScript.
#include <napi.h>
#include <octofetch.h>

#include <memory>
#include <utility>

#include "batch.hpp"
#include "client.hpp"
#include "environment.hpp"
#include "queue.hpp"

namespace octo_node {

namespace {

Napi::Value describe_options(const Napi::CallbackInfo &info) {
  const auto rows = Napi::Array::New(info.Env());
  octo_option_info row{};
  for (uint32_t i = 0; octo_option_describe(i, &row, sizeof row) == OCTO_OK; ++i) {
    const auto fields = Napi::Array::New(info.Env());
    uint32_t at = 0;
    for (const char *text : {row.name, row.default_value, row.minimum, row.maximum, row.unit, row.text}) {
      fields.Set(at++, Napi::String::New(info.Env(), text));
    }
    fields.Set(at++, Napi::Number::New(info.Env(), row.type));
    fields.Set(at++, Napi::Number::New(info.Env(), row.flags));
    rows.Set(i, fields);
  }
  return rows;
}

Napi::Value listen(const Napi::CallbackInfo &info) {
  auto queue = std::make_unique<Queue>(info.Env(), info[0].As<Napi::Function>(), info[1].As<Napi::Function>(),
                                       info[2].As<Napi::Function>());
  auto &queues = environment_of(info.Env()).queues;
  queues.push_back(std::move(queue));
  return Napi::External<Queue>::New(info.Env(), queues.back().get());
}

void deliver(const Napi::CallbackInfo &info) { queue_of(info[0]).deliver_batch(info.Env(), to_us(info[1])); }

void hold(const Napi::CallbackInfo &info) { queue_of(info[0]).hold(info.Env(), info[1].As<Napi::Boolean>()); }

void shut_down(const Napi::CallbackInfo &info) {
  const auto wait = [wait_us = to_us(info[2])] {
    const octo_status status = octo_shutdown(wait_us);
    return Answer{0, status, octo_status_text(status)};
  };
  queue_of(info[0]).run_aside(to_us(info[1]), wait);
}

template <const char *(*kNameOf)(int32_t)>
Napi::Value name_of(const Napi::CallbackInfo &info) {
  return Napi::String::New(info.Env(), kNameOf(info[0].As<Napi::Number>()));
}

const char *status_text(int32_t number) { return octo_status_text(number); }
const char *phase_name(int32_t number) { return octo_phase_name(number); }
const char *source_name(int32_t number) { return octo_source_name(number); }
const char *attempt_cause_name(int32_t number) { return octo_attempt_cause_name(number); }

Napi::Value now(const Napi::CallbackInfo &info) {
  const uint64_t now_us = octo_now_ns() / 1000;
  return Napi::Number::New(info.Env(), static_cast<double>(now_us));
}

Napi::Object define_all(Napi::Env env, Napi::Object exports) {
  auto environment = std::make_unique<Environment>();
  environment->batch = Napi::Persistent(Batch::define(env));
  env.SetInstanceData(environment.release());
  exports.Set("Client", Client::define(env));
  exports.Set("version", Napi::String::New(env, octo_version()));
  exports.Set("buildInformation", Napi::String::New(env, octo_build_information()));
  exports.Set("nowUs", Napi::Function::New<&now>(env));
  exports.Set("statusText", Napi::Function::New<&name_of<&status_text>>(env));
  exports.Set("phaseName", Napi::Function::New<&name_of<&phase_name>>(env));
  exports.Set("sourceName", Napi::Function::New<&name_of<&source_name>>(env));
  exports.Set("attemptCauseName", Napi::Function::New<&name_of<&attempt_cause_name>>(env));
  exports.Set("describeOptions", Napi::Function::New<&describe_options>(env));
  exports.Set("listen", Napi::Function::New<&listen>(env));
  exports.Set("deliver", Napi::Function::New<&deliver>(env));
  exports.Set("hold", Napi::Function::New<&hold>(env));
  exports.Set("shutDown", Napi::Function::New<&shut_down>(env));
  return exports;
}

}  // namespace

}  // namespace octo_node

static Napi::Object define_module(Napi::Env env, Napi::Object exports) { return octo_node::define_all(env, exports); }

NODE_API_MODULE(octofetch, define_module)
