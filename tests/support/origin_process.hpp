// The scripted origin as a child process of a test: started on free ports, scripted over its control port, gone with
// the test.
#pragma once

#include <cstdint>
#include <string>

namespace octo_test {

class OriginProcess {
 public:
  // Starts octo-origin with a script (JSON) and, if not empty, extra addresses "127.0.0.1,127.0.0.2".
  explicit OriginProcess(const std::string &script, const std::string &addresses = {});
  ~OriginProcess();
  OriginProcess(const OriginProcess &) = delete;
  OriginProcess &operator=(const OriginProcess &) = delete;

  // A listener of the ready line: "http", "https", "silent", "refused", ...
  std::uint16_t port(const std::string &listener) const;
  // "http://127.0.0.1:PORT" or, for listeners named https*, "https://localhost:PORT".
  std::string url(const std::string &listener = "http") const;
  std::string ca_file() const;

  void put_script(const std::string &script, bool drop_connections = false) const;
  // Another control request, such as ("POST", "/drop").
  std::string control(const std::string &method, const std::string &path, const std::string &body = {}) const;
  // A counter of the report; 0 for one that was never counted.
  std::uint64_t counter(const std::string &name) const;

 private:
  int stdin_fd_ = -1;
  int process_ = -1;
  std::string ready_line_;
};

// The body that the origin serves for a key below the root: `size` bytes.
std::string pattern_body(const std::string &key, std::size_t size);

}  // namespace octo_test
