// A client as JavaScript sees it: what octofetch.h offers for octo_client.
#pragma once

#include <napi.h>
#include <octofetch.h>

namespace octo_node {

// The thread of its environment only.
class Client : public Napi::ObjectWrap<Client> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit Client(const Napi::CallbackInfo &info);
  ~Client() override;
  Client(const Client &) = delete;
  Client &operator=(const Client &) = delete;

 private:
  Napi::Value submit(const Napi::CallbackInfo &info);
  void set(const Napi::CallbackInfo &info);
  Napi::Value get(const Napi::CallbackInfo &info);
  void set_credentials(const Napi::CallbackInfo &info);
  void warm(const Napi::CallbackInfo &info);
  Napi::Value drain(const Napi::CallbackInfo &info);
  Napi::Value stats(const Napi::CallbackInfo &info);
  Napi::Value explain(const Napi::CallbackInfo &info);
  void close(const Napi::CallbackInfo &info);

  octo_client *handle_ = nullptr;
};

}  // namespace octo_node
