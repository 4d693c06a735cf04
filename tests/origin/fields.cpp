// Typed access to JSON fields with complaints that name the field, its value and what is allowed.
#include "fields.hpp"

#include <openssl/evp.h>

#include <cmath>

namespace octo::origin {

namespace {

std::string shown(const Json &value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string joined(const std::vector<std::string> &words) {
  std::string all;
  for (const std::string &word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::optional<std::string> decoded_base64(const std::string &text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char *>(out.data()),
                                   reinterpret_cast<const unsigned char *>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

}  // namespace

Fields::Fields(const Json &value, std::string where) : value_(value), where_(std::move(where)) {
  if (!value_.is_object()) {
    throw ScriptError((where_.empty() ? "script" : where_) + ": must be a JSON object, not " + shown(value_));
  }
}

const Json *Fields::find(const std::string &name) {
  known_.insert(name);
  const auto found = value_.find(name);
  return found == value_.end() ? nullptr : &*found;
}

double Fields::number(const std::string &name, double fallback, double min, double max) {
  const Json *value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number()) fail(name, shown(*value) + " is not a number");
  const double number = value->get<double>();
  if (!std::isfinite(number) || number < min || number > max) {
    fail(name, shown(*value) + " is out of range; allowed is " + shown(min) + " to " + shown(max));
  }
  return number;
}

std::uint64_t Fields::integer(const std::string &name, std::uint64_t fallback, std::uint64_t min, std::uint64_t max) {
  const Json *value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() < min || value->get<std::uint64_t>() > max) {
    fail(name, shown(*value) + " is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value->get<std::uint64_t>();
}

bool Fields::flag(const std::string &name, bool fallback) {
  const Json *value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) fail(name, shown(*value) + " is neither true nor false");
  return value->get<bool>();
}

std::optional<std::string> Fields::text(const std::string &name) {
  const Json *value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) fail(name, shown(*value) + " is not a text");
  return value->get<std::string>();
}

std::optional<std::string> Fields::bytes(const std::string &name) {
  const auto plain = text(name);
  const auto encoded = text(name + "_base64");
  if (plain && encoded) fail(name, "give it or " + name + "_base64, not both");
  if (!encoded) return plain;
  auto decoded = decoded_base64(*encoded);
  if (!decoded) fail(name + "_base64", "'" + *encoded + "' is not base64");
  return decoded;
}

std::size_t Fields::choice(const std::string &name, std::size_t fallback, const std::vector<std::string> &choices) {
  const auto value = text(name);
  if (!value) return fallback;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == *value) return i;
  }
  fail(name, "'" + *value + "' is not known; use one of " + joined(choices));
}

void Fields::finish() const {
  for (const auto &[name, value] : value_.items()) {
    if (known_.count(name) != 0) continue;
    fail(name,
         "this field is not known here; known are " + joined(std::vector<std::string>(known_.begin(), known_.end())));
  }
}

void Fields::fail(const std::string &name, const std::string &complaint) const {
  throw ScriptError(name_of(name) + ": " + complaint);
}

}  // namespace octo::origin
