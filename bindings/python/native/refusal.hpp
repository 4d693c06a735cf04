// What a refused call becomes: the exception octofetch._core.RefusedError, with the status and the sentence.
#pragma once

#include <octofetch.h>

#include <exception>
#include <string>

namespace octo_python {

class Refusal : public std::exception {
 public:
  Refusal(octo_status status, const octo_error &error) : status_(status), text_(error.text) {}
  Refusal(octo_status status, std::string text) : status_(status), text_(std::move(text)) {}

  octo_status status() const { return status_; }
  const char *what() const noexcept override { return text_.c_str(); }

 private:
  octo_status status_;
  std::string text_;
};

// For calls that have no octo_error of their own.
inline void check(octo_status status, const char *what) {
  if (status != OCTO_OK) throw Refusal(status, std::string(what) + ": " + octo_status_text(status));
}

}  // namespace octo_python
