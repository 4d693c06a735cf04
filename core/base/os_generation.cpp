// A page that the kernel wipes in a forked child (MADV_WIPEONFORK), or a pthread_atfork handler where it cannot.
#include "base/os_generation.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>

#include "base/os_fork.hpp"
#include "base/os_thread.hpp"

namespace octo {
namespace {

std::atomic<std::uint64_t> fallback_word{0};
// Outside the wiped page, so that a child goes on counting where its parent was.
std::atomic<std::uint64_t> last_generation{0};

void clear_fallback_word() { fallback_word.store(0, std::memory_order_relaxed); }

std::atomic<std::uint64_t> *map_word() noexcept {
#if defined(MADV_WIPEONFORK)
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void *page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page != MAP_FAILED) {
    if (::madvise(page, page_bytes, MADV_WIPEONFORK) == 0) {
      return new (page) std::atomic<std::uint64_t>(0);
    }
    ::munmap(page, page_bytes);
  }
#endif
  ::pthread_atfork(nullptr, nullptr, clear_fallback_word);
  return &fallback_word;
}

}  // namespace

std::uint64_t process_generation() noexcept {
  static std::atomic<std::uint64_t> *const word = map_word();
  std::uint64_t generation = word->load(std::memory_order_acquire);
  if (generation != 0) return generation;
  // First call in this process. A child has one thread now, or a few that agree by the exchange.
  const std::uint64_t next = last_generation.load(std::memory_order_relaxed) + 1;
  if (word->compare_exchange_strong(generation, next, std::memory_order_acq_rel)) {
    last_generation.store(next, std::memory_order_relaxed);
    forget_threads();
    forget_visits();
    return next;
  }
  return generation;
}

}  // namespace octo
