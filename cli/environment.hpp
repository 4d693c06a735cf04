// The process's environment as a value, so that what depends on it can be tested.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace octo::cli {

class Environment {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  explicit Environment(Variables variables) : variables_(std::move(variables)) {}

  static Environment of_process();

  // "" when the variable is not set: for every variable that the command reads, unset and empty mean the same.
  std::string_view get(std::string_view name) const;

 private:
  Variables variables_;
};

}  // namespace octo::cli
