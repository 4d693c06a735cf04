// Writes bodies as files beneath the directory of -o: each one whole or not at all, and never outside.
#pragma once

#include <string>
#include <string_view>

#include "beneath.hpp"
#include "descriptor.hpp"

namespace octo::cli {

class OutputFiles {
 public:
  // Makes the directory if it is missing. Throws Failure when it cannot be opened.
  explicit OutputFiles(const std::string &directory, Opening opening = Opening::whole);

  // Writes DIR/KEY by way of a temporary file in the same directory; "" or, as a sentence, why it could not.
  std::string write(std::string_view key, std::string_view body);

 private:
  Descriptor root_;
  Opening opening_;
};

}  // namespace octo::cli
