// Creates, fills and renames files for output_files.hpp.
#include "output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "escape.hpp"
#include "exit_code.hpp"
#include "key_path.hpp"
#include "os_error.hpp"

namespace octo::cli {
namespace {

std::string reason(int error) {
  if (error == ENOTDIR || error == ELOOP) return "is no directory; a file or a link (none is followed) stands there";
  return error_text(error);
}

// A file that is removed again unless it was renamed to what it is for.
class TemporaryFile {
 public:
  explicit TemporaryFile(int directory) : directory_(directory) {
    std::uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<std::uint64_t>(getpid());
    name_ = fmt::format(".octofetch-{:016x}", number);
    file_ = Descriptor(openat(directory_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    is_there_ = file_.is_open();
  }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  ~TemporaryFile() {
    if (is_there_) unlinkat(directory_, name_.c_str(), 0);
  }

  // Each answers whether it went well; errno says why not.
  bool is_open() const noexcept { return file_.is_open(); }
  bool fill(std::string_view body) noexcept {
    while (!body.empty()) {
      const ssize_t size = ::write(file_.number(), body.data(), body.size());
      if (size < 0 && errno != EINTR) return false;
      if (size > 0) body.remove_prefix(static_cast<std::size_t>(size));
    }
    return file_.close();
  }
  bool rename_to(const std::string &name) noexcept {
    if (renameat(directory_, name_.c_str(), directory_, name.c_str()) != 0) return false;
    is_there_ = false;
    return true;
  }

 private:
  int directory_;
  std::string name_;
  Descriptor file_;
  bool is_there_ = false;
};

}  // namespace

OutputFiles::OutputFiles(const std::string &directory, Opening opening) : opening_(opening) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  root_ = Descriptor(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root_.is_open()) return;
  throw Failure(kExitConfiguration, fmt::format("-o {}: {}", escape(directory), error_text(errno)));
}

std::string OutputFiles::write(std::string_view key, std::string_view body) {
  const KeyPath path = path_of_key(key);
  if (!path.refusal.empty()) return fmt::format("the key cannot be a path: {}", path.refusal);
  const Opened opened = open_beneath(root_.number(), path.directories, opening_);
  if (!opened.directory.is_open()) return fmt::format("'{}' {}", escape(opened.segment), reason(opened.error));

  TemporaryFile file(opened.directory.number());
  if (!file.is_open()) return fmt::format("no file can be made there: {}", error_text(errno));
  if (!file.fill(body)) return fmt::format("it could not be written: {}", error_text(errno));
  if (!file.rename_to(path.file))
    return fmt::format("'{}' could not be replaced: {}", escape(path.file), error_text(errno));
  return "";
}

}  // namespace octo::cli
