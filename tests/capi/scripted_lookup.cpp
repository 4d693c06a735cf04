// The function in front of libc's getaddrinfo, for scripted_lookup.hpp.
#include "capi/scripted_lookup.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace octo_test {
namespace {

std::mutex mutex;
std::condition_variable released;
LookupAnswer scripted;
bool is_scripted = false;
bool is_holding = false;
std::size_t made = 0;
std::size_t held = 0;
std::size_t held_max = 0;

// As glibc lays an answer out, so that its freeaddrinfo frees it: the address behind the entry, in one allocation.
addrinfo *entry_of(const std::string &text) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  auto &v4 = reinterpret_cast<sockaddr_in &>(storage);
  auto &v6 = reinterpret_cast<sockaddr_in6 &>(storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    size = sizeof(sockaddr_in6);
  }
  auto *entry = static_cast<addrinfo *>(std::calloc(1, sizeof(addrinfo) + size));
  entry->ai_family = storage.ss_family;
  entry->ai_socktype = SOCK_STREAM;
  entry->ai_addrlen = size;
  entry->ai_addr = reinterpret_cast<sockaddr *>(entry + 1);
  std::memcpy(entry->ai_addr, &storage, size);
  return entry;
}

// False when the system shall answer.
bool answer(addrinfo **result, int &error) {
  std::unique_lock lock(mutex);
  ++made;
  if (is_holding) {
    held_max = std::max(held_max, ++held);
    released.wait(lock, [] { return !is_holding; });
    --held;
  }
  if (!is_scripted) return false;
  error = scripted.error;
  addrinfo **end = result;
  for (const std::string &address : scripted.addresses) {
    *end = entry_of(address);
    end = &(*end)->ai_next;
  }
  return true;
}

}  // namespace

void answer_lookups(const LookupAnswer &answer) {
  const std::lock_guard lock(mutex);
  scripted = answer;
  is_scripted = true;
}

void answer_lookups_for_real() {
  const std::lock_guard lock(mutex);
  is_scripted = false;
}

void hold_lookups() {
  const std::lock_guard lock(mutex);
  is_holding = true;
  held_max = 0;
}

void release_lookups() {
  const std::lock_guard lock(mutex);
  is_holding = false;
  released.notify_all();
}

std::size_t lookups_made() {
  const std::lock_guard lock(mutex);
  return made;
}

std::size_t lookups_held() {
  const std::lock_guard lock(mutex);
  return held;
}

std::size_t lookups_held_max() {
  const std::lock_guard lock(mutex);
  return held_max;
}

}  // namespace octo_test

extern "C" int getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  int error = 0;
  if (octo_test::answer(result, error)) return error;
  using Function = int (*)(const char *, const char *, const addrinfo *, addrinfo **);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
