// Reads one JSON object field by field and remembers where it stands, so that every complaint names the field. A field nobody
// asked for is an error: a misspelt fault must not become a test that passes.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "script.hpp"

namespace octo::origin {

using Json = nlohmann::json;

class Fields {
 public:
  // `where` is the dotted name of the object, empty for the script itself. Throws ScriptError unless `value` is an object.
  Fields(const Json &value, std::string where);

  // The field, or null when it is absent. Marks it as known.
  const Json *find(const std::string &name);

  double number(const std::string &name, double fallback, double min, double max);
  std::uint64_t integer(const std::string &name, std::uint64_t fallback, std::uint64_t min, std::uint64_t max);
  bool flag(const std::string &name, bool fallback);
  std::optional<std::string> text(const std::string &name);

  // `name` as bytes, or `name`_base64.
  std::optional<std::string> bytes(const std::string &name);

  // The index of the field's text in `choices`.
  std::size_t choice(const std::string &name, std::size_t fallback, const std::vector<std::string> &choices);

  // Throws for fields that were not asked for.
  void finish() const;

  std::string name_of(const std::string &name) const { return where_.empty() ? name : where_ + "." + name; }
  [[noreturn]] void fail(const std::string &name, const std::string &complaint) const;

 private:
  const Json &value_;
  std::string where_;
  std::set<std::string> known_;
};

// `paths./a[2]`: how an element of a list is named.
inline std::string name_of_element(const std::string &list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

// Reads "fault": one object or a list of them. Throws ScriptError.
std::vector<Fault> read_faults(const Json &value, const std::string &where, Counters &counters);

// A complete reply of its own, which is what a poisoned connection would hand to the next request.
extern const char *const kPoison;

}  // namespace octo::origin
