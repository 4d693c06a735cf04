// Showing malloc a block of a page's size.
#include "page_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace octo_python {

namespace {

// Above, a page is rare enough to pay for its memory itself.
constexpr size_t kBlockBytesMax = size_t{8} << 20;

}  // namespace

void expect_pages_of(size_t body_bytes) {
  static size_t shown_bytes = 128 << 10;
  const size_t bytes = std::min(body_bytes, kBlockBytesMax);
  if (bytes <= shown_bytes) return;
  shown_bytes = std::bit_ceil(bytes);
  // Volatile, or the compiler leaves both calls out.
  void *volatile block = std::malloc(shown_bytes);
  std::free(block);
}

}  // namespace octo_python
