// What a core function answers: a value, or a Failure that a caller can act on.
//
// The core does not throw on purpose; only std::bad_alloc may pass, up to the one boundary of its thread.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/status.hpp"

namespace octo {

// Names the thing, its limit and what to do, in one sentence.
struct Failure {
  Status status = Status::internal;
  std::string text;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  // A function returns either of them as it is.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool is_ok() const noexcept { return state_.index() == 0; }
  T &value() noexcept { return *std::get_if<0>(&state_); }
  const T &value() const noexcept { return *std::get_if<0>(&state_); }
  const Failure &failure() const noexcept { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Failure> state_;
};

struct Done {};

}  // namespace octo
