// The functions in front of libc's, for failing_allocator.hpp. Nothing here may allocate.
#include "capi/failing_allocator.hpp"

#include <dlfcn.h>
#include <link.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

extern "C" void *__libc_malloc(std::size_t size);
extern "C" void __libc_free(void *pointer);

namespace octo_test {
namespace {

constexpr std::uint64_t kMagic = 0x6F63746F616C6C6F;
constexpr std::size_t kRangesMax = 64;

// Before each block. As large as an alignment of two pointers asks for.
struct Header {
  void *base;
  std::uint64_t magic;
  std::size_t size;
  const void *caller;  // null: not tracked
  Header *previous;
  Header *next;
};
static_assert(sizeof(Header) % (2 * sizeof(void *)) == 0);

struct Range {
  std::uintptr_t begin;
  std::uintptr_t end;
  Owner owner;
};

// A list of all blocks. A spin lock, as a mutex might allocate.
std::atomic_flag list_lock;
Header *first_block = nullptr;

std::array<Range, kRangesMax> ranges;
std::size_t range_count = 0;

std::atomic<bool> is_tracking{false};
std::atomic<std::uint64_t> fail_number{0};
std::atomic<std::uint64_t> made{0};
std::array<std::atomic<std::uint64_t>, kOwners> made_by;
std::atomic<Exception> exception{nullptr};
FailedAllocation failed;

Owner owner_of_object(const char *name) noexcept {
  const auto is = [name](const char *part) { return std::strstr(name, part) != nullptr; };
  if (name[0] == '\0') return Owner::program;
  // The C++ library allocates on behalf of ours: the program keeps its hands off it while it is tracked.
  if (is("liboctofetch") || is("libstdc++")) return Owner::library;
  if (is("libcurl")) return Owner::curl;
  if (is("libuv")) return Owner::uv;
  if (is("libssl") || is("libcrypto")) return Owner::openssl;
  return Owner::system;
}

int add_ranges(dl_phdr_info *info, std::size_t, void *) noexcept {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) &header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0 || range_count == ranges.size()) continue;
    const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    ranges[range_count++] = {begin, begin + header.p_memsz, owner_of_object(info->dlpi_name)};
  }
  return 0;
}

// False when this one fails. `is_tracked` says whether somebody else than the program makes it.
bool admit(const void *caller, std::size_t size, bool is_realloc, bool &is_tracked) noexcept {
  is_tracked = false;
  if (!is_tracking.load(std::memory_order_relaxed)) return true;
  const Owner owner = owner_of(caller);
  if (owner == Owner::program) return true;
  is_tracked = true;
  const Exception excepted = exception.load();
  if (excepted != nullptr && excepted(owner, is_realloc)) return true;
  made_by[static_cast<std::size_t>(owner)].fetch_add(1, std::memory_order_relaxed);
  if (made.fetch_add(1) + 1 != fail_number.load()) return true;
  failed = {caller, owner, is_realloc, size};
  errno = ENOMEM;
  return false;
}

void lock_list() noexcept {
  while (list_lock.test_and_set(std::memory_order_acquire)) ::sched_yield();
}

void link_block(Header *header) noexcept {
  lock_list();
  header->previous = nullptr;
  header->next = first_block;
  if (first_block != nullptr) first_block->previous = header;
  first_block = header;
  list_lock.clear(std::memory_order_release);
}

void unlink_block(Header *header) noexcept {
  lock_list();
  (header->previous == nullptr ? first_block : header->previous->next) = header->next;
  if (header->next != nullptr) header->next->previous = header->previous;
  list_lock.clear(std::memory_order_release);
}

void *allocate(std::size_t size, std::size_t alignment, const void *caller, bool is_realloc) noexcept {
  bool is_tracked = false;
  if (size > SIZE_MAX / 2 || !admit(caller, size, is_realloc, is_tracked)) return nullptr;
  const std::size_t extra = alignment <= 2 * sizeof(void *) ? 0 : alignment;
  void *base = __libc_malloc(size + sizeof(Header) + extra);
  if (base == nullptr) return nullptr;
  std::uintptr_t user = reinterpret_cast<std::uintptr_t>(base) + sizeof(Header);
  if (extra != 0) user = (user + alignment - 1) & ~(alignment - 1);
  Header *header = reinterpret_cast<Header *>(user) - 1;
  *header = {base, kMagic, size, is_tracked ? caller : nullptr, nullptr, nullptr};
  link_block(header);
  return reinterpret_cast<void *>(user);
}

Header *header_of(void *pointer) noexcept { return static_cast<Header *>(pointer) - 1; }

// What the dynamic linker allocated before there was a malloc has no header of ours, and stays.
void release(void *pointer) noexcept {
  if (pointer == nullptr || header_of(pointer)->magic != kMagic) return;
  Header *header = header_of(pointer);
  unlink_block(header);
  header->magic = 0;
  __libc_free(header->base);
}

void *resize(void *pointer, std::size_t size, const void *caller) noexcept {
  void *moved = allocate(size, 0, caller, true);
  if (moved == nullptr || pointer == nullptr) return moved;
  const std::size_t before = header_of(pointer)->magic == kMagic ? header_of(pointer)->size : size;
  std::memcpy(moved, pointer, before < size ? before : size);
  release(pointer);
  return moved;
}

char *duplicate(const char *text, std::size_t size, const void *caller) noexcept {
  auto *copy = static_cast<char *>(allocate(size + 1, 0, caller, false));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text, size);
  copy[size] = '\0';
  return copy;
}

}  // namespace

const char *owner_name(Owner owner) noexcept {
  switch (owner) {
    case Owner::program: return "the test";
    case Owner::library: return "octofetch";
    case Owner::curl: return "libcurl";
    case Owner::uv: return "libuv";
    case Owner::openssl: return "OpenSSL";
    case Owner::system: return "the C library";
    case Owner::unknown: break;
  }
  return "unknown";
}

Owner owner_of(const void *caller) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(caller);
  for (std::size_t i = 0; i < range_count; ++i) {
    if (address >= ranges[i].begin && address < ranges[i].end) return ranges[i].owner;
  }
  return Owner::unknown;
}

void track_allocations(std::uint64_t fail_at, Exception excepted) noexcept {
  range_count = 0;
  ::dl_iterate_phdr(add_ranges, nullptr);
  made = 0;
  for (auto &count : made_by) count = 0;
  failed = {};
  exception = excepted;
  fail_number = fail_at;
  is_tracking = true;
}

void stop_tracking() noexcept { is_tracking = false; }

std::uint64_t allocations_made() noexcept { return made.load(); }

std::uint64_t allocations_made_by(Owner owner) noexcept { return made_by[static_cast<std::size_t>(owner)].load(); }

FailedAllocation failed_allocation() noexcept { return failed; }

std::size_t live_blocks(Block *blocks_out, std::size_t count_max) noexcept {
  std::size_t count = 0;
  for (const Header *header = first_block; header != nullptr; header = header->next, ++count) {
    if (count >= count_max) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(header + 1);
    blocks_out[count] = {begin, begin + header->size, header->caller, header->caller != nullptr};
  }
  return count;
}

void describe_caller(const void *caller, char *text, std::size_t size) noexcept {
  Dl_info info{};
  if (::dladdr(caller, &info) == 0 || info.dli_fname == nullptr) {
    std::snprintf(text, size, "%p", caller);
    return;
  }
  const char *slash = std::strrchr(info.dli_fname, '/');
  const char *object = slash == nullptr ? info.dli_fname : slash + 1;
  const auto *begin = static_cast<const char *>(info.dli_saddr != nullptr ? info.dli_saddr : info.dli_fbase);
  std::snprintf(text, size, "%s %s+0x%zx", object, info.dli_sname != nullptr ? info.dli_sname : "",
                static_cast<std::size_t>(static_cast<const char *>(caller) - begin));
}

}  // namespace octo_test

using octo_test::allocate;

extern "C" {

void *malloc(std::size_t size) { return allocate(size, 0, __builtin_return_address(0), false); }

void *calloc(std::size_t count, std::size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void *pointer = allocate(count * size, 0, __builtin_return_address(0), false);
  if (pointer != nullptr) std::memset(pointer, 0, count * size);
  return pointer;
}

void *realloc(void *pointer, std::size_t size) { return octo_test::resize(pointer, size, __builtin_return_address(0)); }

char *strdup(const char *text) { return octo_test::duplicate(text, std::strlen(text), __builtin_return_address(0)); }

char *strndup(const char *text, std::size_t size_max) {
  return octo_test::duplicate(text, ::strnlen(text, size_max), __builtin_return_address(0));
}

void free(void *pointer) { octo_test::release(pointer); }

void *memalign(std::size_t alignment, std::size_t size) {
  return allocate(size, alignment, __builtin_return_address(0), false);
}

void *aligned_alloc(std::size_t alignment, std::size_t size) {
  return allocate(size, alignment, __builtin_return_address(0), false);
}

int posix_memalign(void **out, std::size_t alignment, std::size_t size) {
  *out = allocate(size, alignment, __builtin_return_address(0), false);
  return *out == nullptr ? ENOMEM : 0;
}

std::size_t malloc_usable_size(void *pointer) { return pointer == nullptr ? 0 : octo_test::header_of(pointer)->size; }
}

// The plain forms alone: the others of the standard library call these.
void *operator new(std::size_t size) {
  void *pointer = allocate(size, 0, __builtin_return_address(0), false);
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
  return allocate(size, 0, __builtin_return_address(0), false);
}
void *operator new(std::size_t size, std::align_val_t alignment) {
  void *pointer = allocate(size, static_cast<std::size_t>(alignment), __builtin_return_address(0), false);
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}
void operator delete(void *pointer) noexcept { octo_test::release(pointer); }
void operator delete(void *pointer, std::size_t) noexcept { octo_test::release(pointer); }
void operator delete(void *pointer, std::align_val_t) noexcept { octo_test::release(pointer); }
void operator delete(void *pointer, std::size_t, std::align_val_t) noexcept { octo_test::release(pointer); }
