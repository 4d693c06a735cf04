// The control port: how a test changes the script, breaks listeners and connections, and reads what happened. Plain HTTP/1.1 with
// keep-alive; not counted in the report.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "channel.hpp"
#include "connections.hpp"
#include "listeners.hpp"
#include "request_head.hpp"

namespace octo::origin {

struct ControlAnswer {
  int status = 200;
  std::string body;
  const char *content_type = "text/plain; charset=utf-8";
};

class ControlConnection;

class Control {
 public:
  Control(Connections &connections, Listeners &listeners);
  ~Control();

  void accept(int descriptor);
  ControlAnswer answer(const RequestHead &head, std::string_view body);
  void remove(ControlConnection &connection);
  Loop &loop() { return connections_.loop(); }

 private:
  ControlAnswer put_script(const RequestHead &head, std::string_view body);
  ControlAnswer put_slow_down(const RequestHead &head);
  ControlAnswer put_rate_max(const RequestHead &head);
  ControlAnswer switch_listener(const RequestHead &head, bool is_open);

  Connections &connections_;
  Listeners &listeners_;
  std::unordered_map<ControlConnection *, std::unique_ptr<ControlConnection>> open_;
};

}  // namespace octo::origin
