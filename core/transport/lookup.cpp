// Calling getaddrinfo and reading its answer, for lookup.hpp.
#include "transport/lookup.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "base/os_fork.hpp"
#include "base/os_thread.hpp"
#include "base/printable.hpp"

namespace octo {
namespace {

// Name service modules are guests as well, and some use large buffers.
constexpr std::size_t kStackBytes = 512 * 1024;
constexpr std::size_t kAnswersMax = 1000;

// "" for what is no internet address, or cannot be named without an interface.
std::string address_text(const sockaddr &address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    const auto &v4 = reinterpret_cast<const sockaddr_in &>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    const auto &v6 = reinterpret_cast<const sockaddr_in6 &>(address);
    if (v6.sin6_scope_id == 0) ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return text;
}

// The C library seldom says that it got no descriptor for a file or a socket, so one is asked for.
bool lacks_descriptors() noexcept {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno == EMFILE || errno == ENFILE;
  ::close(fd);
  return false;
}

}  // namespace

std::shared_ptr<Lookup> Lookup::start(const std::string &host, LookupFunction function,
                                      const std::shared_ptr<Waker> &waker) noexcept {
  try {
    auto lookup = std::make_shared<Lookup>(host, function, waker);
    auto context = std::make_unique<std::shared_ptr<Lookup>>(lookup);
    if (!start_thread("octo-dns", kStackBytes, run, context.get())) return nullptr;
    static_cast<void>(context.release());
    return lookup;
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

void Lookup::run(void *context) noexcept {
  const std::unique_ptr<std::shared_ptr<Lookup>> self(static_cast<std::shared_ptr<Lookup> *>(context));
  Lookup &lookup = **self;
  try {
    lookup.look_up();
  } catch (const std::bad_alloc &) {
    lookup.status_ = Status::no_memory;
  }
  lookup.is_done_.store(true, std::memory_order_release);
  if (lookup.waker_ != nullptr) lookup.waker_->wake();
}

void Lookup::look_up() {
  int error = ask(AI_ADDRCONFIG);
  // A host with nothing but a loopback interface has no family that AI_ADDRCONFIG would let pass.
  if (error == EAI_NONAME || error == EAI_BADFLAGS
#if defined(EAI_ADDRFAMILY)
      || error == EAI_ADDRFAMILY
#endif
#if defined(EAI_NODATA)
      || error == EAI_NODATA
#endif
  ) {
    error = ask(0);
  }
  const int os_error = errno;
  if (error == 0 && addresses_.empty()) error = EAI_NONAME;
  if (error == 0) {
    status_ = Status::ok;
  } else {
    explain(error, os_error);
  }
}

int Lookup::ask(int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo *answer = nullptr;
  const LibraryVisit visit;
  const int error = function_(host_.c_str(), nullptr, &hints, &answer);
  if (error != 0) return error;
  const std::unique_ptr<addrinfo, void (*)(addrinfo *)> owned(answer, ::freeaddrinfo);
  for (const addrinfo *entry = answer; entry != nullptr && addresses_.size() < kAnswersMax; entry = entry->ai_next) {
    if (entry->ai_addr == nullptr) continue;
    std::string text = address_text(*entry->ai_addr);
    if (!text.empty()) addresses_.push_back(std::move(text));
  }
  return 0;
}

void Lookup::explain(int error, int os_error) {
  status_ = Status::resolve_failed;
  if (error == EAI_MEMORY) status_ = Status::no_memory;
  const bool is_local = error == EAI_SYSTEM && (os_error == EMFILE || os_error == ENFILE);
  if (is_local || lacks_descriptors()) status_ = Status::local_resource;
  const std::string why =
      error == EAI_SYSTEM ? std::generic_category().message(os_error) : std::string(::gai_strerror(error));
  message_ = "no address for the name '" + printable(host_, 100) + "': " + why;
}

}  // namespace octo
