// Reads and splits lists of keys, within bounds.
#include "keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "descriptor.hpp"
#include "escape.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "os_error.hpp"
#include "units.hpp"

namespace octo::cli {
namespace {

// Far above what kKeysMax keys of the library's 1024 bytes can take, so that only what is no list of keys is refused.
constexpr std::size_t kTextMax = std::size_t{64} << 20;

std::string read_all(int descriptor, const std::string &name) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t size = read(descriptor, buffer.data(), buffer.size());
    if (size == 0) return text;
    if (size < 0) {
      if (errno == EINTR && interrupt_signal() == 0) continue;
      if (errno == EINTR) throw Failure(kExitSignal + interrupt_signal(), "interrupted while reading keys");
      throw Failure(kExitUsage, fmt::format("--keys-from: {}: {}", name, error_text(errno)));
    }
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kTextMax) throw Failure(kExitUsage, fmt::format("--keys-from: {} is larger than 64 MiB", name));
  }
}

}  // namespace

bool split_keys(std::string_view text, char separator, std::vector<std::string> &keys) {
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(separator), text.size());
    if (size != 0) {
      if (keys.size() == kKeysMax) return false;
      keys.emplace_back(text.substr(0, size));
    }
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return true;
}

std::vector<std::string> read_keys(const std::string &file, char separator) {
  const bool is_stdin = file == "-";
  const std::string name = is_stdin ? "standard input" : escape(file);
  Descriptor opened(is_stdin ? -1 : open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!is_stdin && !opened.is_open()) {
    throw Failure(kExitUsage, fmt::format("--keys-from: {}: {}", name, error_text(errno)));
  }
  const std::string text = read_all(is_stdin ? STDIN_FILENO : opened.number(), name);
  std::vector<std::string> keys;
  if (!split_keys(text, separator, keys)) check_key_count(kKeysMax + 1);
  return keys;
}

void check_key_count(std::size_t count) {
  if (count <= kKeysMax) return;
  throw Failure(kExitUsage, fmt::format("more than {} keys, which is what one batch holds (batch.requests_max); run "
                                        "octofetch several times with fewer",
                                        format_count(kKeysMax)));
}

}  // namespace octo::cli
