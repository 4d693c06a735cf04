// Reading with limits, and the parsing of PEM by OpenSSL, for certificate_reader.hpp.
#include "transport/certificate_reader.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

namespace octo {
namespace {

constexpr char kHint[] = "; name a file of PEM certificates";
constexpr std::size_t kHashDigits = 8;

Failure refuse(std::string text) { return {Status::invalid_argument, std::move(text)}; }

Failure no_memory() { return {Status::no_memory, "there is no memory for it"}; }

Failure unreadable(int os_error) {
  return refuse("cannot be read: " + std::generic_category().message(os_error) + kHint);
}

class File {
 public:
  explicit File(const std::string &path) noexcept : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  int fd() const noexcept { return fd_; }

 private:
  const int fd_;
};

// To open a device can be an act, and to read it may never end.
Result<Done> check_kind(const struct stat &found) {
  if (S_ISDIR(found.st_mode)) return refuse("is a directory; name it in tls.ca_directory");
  if (!S_ISREG(found.st_mode)) return refuse(std::string("is not a regular file") + kHint);
  if (found.st_size > static_cast<off_t>(kCertificateBytesMax)) {
    return refuse("has more than " + std::to_string(kCertificateBytesMax >> 20) + " MiB" + kHint);
  }
  return Done{};
}

Result<std::string> read_file(const std::string &path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return unreadable(errno);
  if (auto kind = check_kind(found); !kind.is_ok()) return kind.failure();
  const File file(path);
  // Once more, as the name may mean something else by now.
  if (file.fd() < 0 || ::fstat(file.fd(), &found) != 0) return unreadable(errno);
  if (auto kind = check_kind(found); !kind.is_ok()) return kind.failure();
  std::string text;
  std::string buffer(std::size_t{64} << 10, '\0');
  while (text.size() <= kCertificateBytesMax) {
    const ssize_t count = ::read(file.fd(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(errno);
    if (count == 0) return text;
    text.append(buffer, 0, static_cast<std::size_t>(count));
  }
  return refuse(std::string("grows while it is read") + kHint);
}

// Nobody is there to be asked for the password of an encrypted block.
int give_no_password(char *, int, int, void *) { return -1; }

// Empties this thread's queue of OpenSSL's errors; whether one of them was a lack of memory.
bool take_errors() noexcept {
  bool lacks_memory = false;
  while (const unsigned long error = ::ERR_get_error()) {
    lacks_memory = lacks_memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
  }
  return lacks_memory;
}

Result<std::size_t> add_pem(X509_STORE *store, const std::string &text) {
  ::ERR_clear_error();
  const std::unique_ptr<BIO, decltype(&::BIO_free)> bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                        ::BIO_free);
  if (bio == nullptr) return no_memory();
  std::size_t count = 0;
  bool is_added = true;
  while (is_added) {
    X509 *certificate = ::PEM_read_bio_X509_AUX(bio.get(), nullptr, give_no_password, nullptr);
    if (certificate == nullptr) break;
    is_added = ::X509_STORE_add_cert(store, certificate) == 1;
    ::X509_free(certificate);
    ++count;
  }
  // What OpenSSL says when no further block begins.
  const bool is_at_end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (take_errors()) return no_memory();
  if (count > 0 && is_added && is_at_end) return count;
  return refuse("cannot be read as PEM certificates");
}

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_hashed_name(std::string_view name) noexcept {
  if (name.size() < kHashDigits + 2 || name[kHashDigits] != '.') return false;
  const std::string_view number = name.substr(kHashDigits + 1);
  return std::all_of(name.begin(), name.begin() + kHashDigits, is_hex) &&
         std::all_of(number.begin(), number.end(), is_digit);
}

}  // namespace

Result<Done> add_certificate_file(X509_STORE *store, const std::string &path) {
  const auto text = read_file(path);
  if (!text.is_ok()) return text.failure();
  const auto added = add_pem(store, text.value());
  if (added.is_ok()) return Done{};
  const bool lacks_memory = added.failure().status == Status::no_memory;
  return lacks_memory ? added.failure() : refuse(added.failure().text + kHint);
}

Result<std::size_t> add_certificate_text(X509_STORE *store, const std::string &text) {
  if (text.size() <= kCertificateBytesMax) return add_pem(store, text);
  return refuse("has more than " + std::to_string(kCertificateBytesMax >> 20) + " MiB");
}

Result<std::size_t> add_certificate_directory(X509_STORE *store, const std::string &path) {
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (std::size_t seen = 0; !error && entry != std::filesystem::directory_iterator(); ++seen) {
    if (seen == kDirectoryEntriesMax || bytes > kCertificateBytesMax) {
      return refuse("has too many files; name one that holds certificates alone");
    }
    const std::filesystem::path name = entry->path();
    entry.increment(error);
    if (!is_hashed_name(name.filename().native())) continue;
    const auto text = read_file(name.native());
    if (!text.is_ok()) continue;
    bytes += text.value().size();
    const auto added = add_pem(store, text.value());
    if (added.is_ok()) ++count;
    if (!added.is_ok() && added.failure().status == Status::no_memory) return added.failure();
  }
  if (error) return refuse("cannot be read: " + error.message() + "; name a directory of certificates");
  return count;
}

}  // namespace octo
