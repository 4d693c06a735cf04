// What a refused call becomes: an Error with the library's sentence and the property `status`.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <string>

namespace octo_node {

[[noreturn]] inline void refuse(Napi::Env env, octo_status status, const std::string &text) {
  const Napi::Error error = Napi::Error::New(env, text);
  error.Set("status", Napi::Number::New(env, status));
  throw error;
}

// For calls that have no octo_error of their own.
inline void check(Napi::Env env, octo_status status, const std::string &what) {
  if (status != OCTO_OK) refuse(env, status, what + ": " + octo_status_text(status));
}

inline void check_call(Napi::Env env, octo_status status, const octo_error &error) {
  if (status == OCTO_OK) return;
  refuse(env, status, error.text[0] == '\0' ? octo_status_text(status) : error.text);
}

}  // namespace octo_node
