// Reads keys: strings as UTF-8, byte arrays by their own memory, and the fields of octofetch/request.ts.
#include "requests.hpp"

#include <algorithm>
#include <array>

namespace octo_node {

namespace {

// Longer than any key that an origin can be asked for, so that one call reads it.
constexpr size_t kKeySizeUsual = 2048;

void append_utf8(std::string &out, const Napi::Value &text) {
  std::array<char, kKeySizeUsual> usual;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the call
  size_t size = 0;
  const napi_status status = napi_get_value_string_utf8(text.Env(), text, usual.data(), usual.size(), &size);
  if (status != napi_ok) throw Napi::TypeError::New(text.Env(), "a key is a string, a Uint8Array or an object");
  // A character that did not fit whole is left out, so that a cut text may be a little shorter.
  if (size + 4 < usual.size()) {
    out.append(usual.data(), size);
  } else {
    out += text.As<Napi::String>().Utf8Value();
  }
}

uint64_t whole(const Napi::Value &number) { return static_cast<uint64_t>(number.As<Napi::Number>().DoubleValue()); }

// (key, flags, query, versionId, ifNoneMatch, rangeFirst, rangeLast, priority)
enum Field : uint32_t { kKey, kFlags, kQuery, kVersionId, kIfNoneMatch, kRangeFirst, kRangeLast, kPriority };

}  // namespace

std::string utf8_of(const Napi::Value &text, const std::string &what) {
  std::string utf8 = text.As<Napi::String>().Utf8Value();
  if (utf8.find('\0') != std::string::npos) throw Napi::TypeError::New(text.Env(), what + ": it has NUL in it");
  return utf8;
}

Requests::Requests(const Napi::Value &keys) {
  if (keys.IsString()) {
    split(keys.As<Napi::String>());
  } else {
    read_list(keys.As<Napi::Array>());
  }
  for (const Key &key : in_keys_) list_[key.request].key = keys_.data() + key.offset;
}

void Requests::split(const Napi::String &keys) {
  keys_ = keys.Utf8Value();
  const auto count = static_cast<size_t>(std::count(keys_.begin(), keys_.end(), '\0')) + 1;
  list_.reserve(count);
  in_keys_.reserve(count);
  for (size_t offset = 0; offset <= keys_.size();) {
    const size_t end = std::min(keys_.find('\0', offset), keys_.size());
    in_keys_.push_back({offset, list_.size()});
    list_.emplace_back().key_size = end - offset;
    offset = end + 1;
  }
}

void Requests::read_list(const Napi::Array &keys) {
  list_.resize(keys.Length());
  in_keys_.reserve(list_.size());
  for (uint32_t i = 0; i < list_.size(); ++i) {
    const Napi::HandleScope scope(keys.Env());
    const Napi::Value key = keys.Get(i);
    if (key.IsArray()) {
      read_fields(key.As<Napi::Array>(), i);
    } else {
      read_key(key, i);
    }
  }
}

void Requests::read_key(const Napi::Value &key, size_t request) {
  if (key.IsTypedArray()) {
    const auto bytes = key.As<Napi::Uint8Array>();
    list_[request].key = bytes.Data();
    list_[request].key_size = bytes.ByteLength();
    return;
  }
  const size_t offset = keys_.size();
  append_utf8(keys_, key);
  list_[request].key_size = keys_.size() - offset;
  in_keys_.push_back({offset, request});
}

void Requests::read_fields(const Napi::Array &fields, size_t request) {
  read_key(fields.Get(kKey), request);
  octo_request &out = list_[request];
  out.flags = whole(fields.Get(kFlags));
  out.query = text(fields.Get(kQuery), "query");
  out.version_id = text(fields.Get(kVersionId), "versionId");
  out.if_none_match = text(fields.Get(kIfNoneMatch), "ifNoneMatch");
  out.range_first = whole(fields.Get(kRangeFirst));
  out.range_last = whole(fields.Get(kRangeLast));
  out.priority = whole(fields.Get(kPriority));
}

const char *Requests::text(const Napi::Value &text, const char *what) {
  if (text.IsUndefined()) return nullptr;
  return texts_.emplace_back(utf8_of(text, what)).c_str();
}

}  // namespace octo_node
