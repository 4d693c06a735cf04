// What the process answers to the shell: stable numbers, documented in --help and docs/command.md.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "octofetch.h"
#include "outcome.hpp"

namespace octo::cli {

constexpr int kExitOk = 0;
constexpr int kExitSomeFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitConfiguration = 3;
constexpr int kExitDeadline = 4;
constexpr int kExitNotFound = 5;
constexpr int kExitNetwork = 6;
constexpr int kExitSignal = 128;      // plus the signal's number: 130 for SIGINT, 143 for SIGTERM
constexpr int kExitReaderGone = 141;  // what a shell reports for a program that SIGPIPE ended

// A reason to end at once, as a sentence for people.
class Failure : public std::runtime_error {
 public:
  Failure(int exit_code, const std::string &text) : std::runtime_error(text), exit_code_(exit_code) {}

  int exit_code() const noexcept { return exit_code_; }

 private:
  int exit_code_;
};

// What a command for a single key answers when that key ended with `status`.
int exit_code_of(octo_status status) noexcept;

// What a command for all these keys answers.
int exit_code_of(std::span<const Outcome> outcomes) noexcept;

}  // namespace octo::cli
