// Turns the keys of a batch, as JavaScript gives them, into octo_request.
#pragma once

#include <napi.h>
#include <octofetch.h>

#include <deque>
#include <string>
#include <vector>

namespace octo_node {

// The requests of one submit, and the bytes that they point to.
class Requests {
 public:
  // One string with NUL between the keys; or a list, of which each is a string, a Uint8Array, or the fields of
  // octofetch/request.ts. A Uint8Array must outlive this.
  explicit Requests(const Napi::Value &keys);

  const std::vector<octo_request> &list() const { return list_; }

 private:
  struct Key {
    size_t offset;
    size_t request;
  };

  void split(const Napi::String &keys);
  void read_list(const Napi::Array &keys);
  void read_key(const Napi::Value &key, size_t request);
  void read_fields(const Napi::Array &fields, size_t request);
  const char *text(const Napi::Value &text, const char *what);

  std::vector<octo_request> list_;
  std::string keys_;          // one after the other; it moves while it grows
  std::vector<Key> in_keys_;  // whose key lies there
  std::deque<std::string> texts_;
};

// The UTF-8 of a string; one that contains NUL is refused, as `what`.
std::string utf8_of(const Napi::Value &text, const std::string &what);

}  // namespace octo_node
