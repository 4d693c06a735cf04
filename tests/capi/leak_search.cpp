// A conservative search: every word of memory that could be a pointer is taken for one. Nothing here allocates.
#include "capi/leak_search.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "capi/failing_allocator.hpp"

namespace octo_test {
namespace {

constexpr std::size_t kBlocksMax = 200'000;
constexpr std::size_t kMapsBytesMax = 256 * 1024;

struct Marked {
  Block block;
  bool is_reached;
};

template <typename T>
T *pages(std::size_t count) noexcept {
  void *memory =
      ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<T *>(memory);
}

class Search {
 public:
  Search()
      : marked_(pages<Marked>(kBlocksMax)),
        blocks_(pages<Block>(kBlocksMax)),
        pending_(pages<std::size_t>(kBlocksMax)) {
    count_ = std::min(live_blocks(blocks_, kBlocksMax), kBlocksMax);
    std::sort(blocks_, blocks_ + count_, [](const Block &a, const Block &b) { return a.begin < b.begin; });
    for (std::size_t i = 0; i < count_; ++i) marked_[i] = {blocks_[i], false};
  }

  // The heap is no root: what is free there still holds old pointers. A mapping with live blocks in it is heap.
  void scan_mapping(std::uintptr_t begin, std::uintptr_t end) noexcept {
    const Marked *next = first_from(begin);
    if (next != marked_ + count_ && next->block.begin < end) return;
    for (const void *own :
         {static_cast<void *>(marked_), static_cast<void *>(blocks_), static_cast<void *>(pending_)}) {
      const auto address = reinterpret_cast<std::uintptr_t>(own);
      if (address >= begin && address < end) return;
    }
    scan(begin, end);
  }

  void scan(std::uintptr_t begin, std::uintptr_t end) noexcept {
    for (std::uintptr_t at = (begin + 7) & ~std::uintptr_t{7}; at + 8 <= end; at += 8) {
      std::uintptr_t word = 0;
      std::memcpy(&word, reinterpret_cast<const void *>(at), sizeof word);
      reach(word);
    }
    while (pending_count_ > 0) {
      const Block &block = marked_[pending_[--pending_count_]].block;
      scan_block(block);
    }
  }

  // What the program holds itself, and all from before, is reached by assumption.
  void reach_untracked() noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (!marked_[i].block.is_tracked) reach(marked_[i].block.begin);
    }
    scan(0, 0);
  }

  std::size_t report(LeakSite *leaks_out, std::size_t count_max) const noexcept {
    std::size_t sites = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const Marked &marked = marked_[i];
      if (marked.is_reached) continue;
      LeakSite *site = std::find_if(leaks_out, leaks_out + sites,
                                    [&](const LeakSite &known) { return known.caller == marked.block.caller; });
      if (site == leaks_out + sites) {
        if (sites == count_max) continue;
        leaks_out[sites++] = {marked.block.caller, 0, 0};
      }
      ++site->count;
      site->size += marked.block.end - marked.block.begin;
    }
    return sites;
  }

 private:
  Marked *first_from(std::uintptr_t address) const noexcept {
    return std::lower_bound(marked_, marked_ + count_, address,
                            [](const Marked &marked, std::uintptr_t value) { return marked.block.begin < value; });
  }

  // A pointer into a block counts, and so does one right behind it.
  void reach(std::uintptr_t word) noexcept {
    Marked *found = first_from(word + 1);
    if (found == marked_) return;
    --found;
    if (word > found->block.end || found->is_reached) return;
    found->is_reached = true;
    pending_[pending_count_++] = static_cast<std::size_t>(found - marked_);
  }

  void scan_block(const Block &block) noexcept {
    for (std::uintptr_t at = block.begin; at + 8 <= block.end; at += 8) {
      std::uintptr_t word = 0;
      std::memcpy(&word, reinterpret_cast<const void *>(at), sizeof word);
      reach(word);
    }
  }

  Marked *const marked_;
  Block *const blocks_;
  std::size_t *const pending_;
  std::size_t pending_count_ = 0;
  std::size_t count_ = 0;
};

std::array<char, kMapsBytesMax> maps_text;

// The whole of /proc/self/maps.
const char *read_maps() noexcept {
  const int fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::size_t size = 0;
  ssize_t got = 0;
  while ((got = ::read(fd, maps_text.data() + size, maps_text.size() - 1 - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  maps_text[size] = '\0';
  return maps_text.data();
}

void scan_mappings(Search &search) noexcept {
  const auto stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  for (const char *line = read_maps(); *line != '\0';) {
    char *rest = nullptr;
    std::uintptr_t begin = std::strtoull(line, &rest, 16);
    const std::uintptr_t end = std::strtoull(rest + 1, &rest, 16);
    const bool is_data = std::strncmp(rest, " rw-p", 5) == 0;
    // Below the stack pointer is what ended calls left behind.
    if (begin <= stack && stack < end) begin = stack;
    if (is_data) search.scan_mapping(begin, end);
    const char *line_end = std::strchr(rest, '\n');
    if (line_end == nullptr) return;
    line = line_end + 1;
  }
}

}  // namespace

std::size_t find_leaks(LeakSite *leaks_out, std::size_t count_max) noexcept {
  Search search;
  scan_mappings(search);
  search.reach_untracked();
  return search.report(leaks_out, count_max);
}

}  // namespace octo_test
