/* A malloc to be preloaded: its blocks begin with a mark, so that one that glibc's own malloc made, or that its free would
 * get, ends the process. Two libraries of one process that do not agree on whose malloc it is show up like that. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

/* Before each block, at its end the mark. */
typedef struct head {
  void *whole;
  size_t size;
  uint64_t mark;
  uint64_t pad;
} head;

static const uint64_t kMark = UINT64_C(0x6f63746f66657463);

static head *head_of(void *block) {
  head *found = (head *)block - 1;
  if (found->mark != kMark) abort();
  return found;
}

static void *make(size_t alignment, size_t size) {
  size_t offset = alignment < sizeof(head) ? sizeof(head) : alignment;
  char *whole = size > SIZE_MAX / 2 ? NULL : __libc_memalign(offset, offset + size);
  if (whole == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  head *made = (head *)(whole + offset) - 1;
  made->whole = whole;
  made->size = size;
  made->mark = kMark;
  return whole + offset;
}

void *malloc(size_t size) { return make(sizeof(head), size); }

void free(void *block) {
  if (block == NULL) return;
  head *freed = head_of(block);
  freed->mark = 0;
  __libc_free(freed->whole);
}

void *calloc(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  void *block = malloc(count * size);
  if (block != NULL) memset(block, 0, count * size);
  return block;
}

void *realloc(void *block, size_t size) {
  if (block == NULL) return malloc(size);
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  size_t before = head_of(block)->size;
  memcpy(moved, block, before < size ? before : size);
  free(block);
  return moved;
}

void *memalign(size_t alignment, size_t size) { return make(alignment, size); }

void *aligned_alloc(size_t alignment, size_t size) { return make(alignment, size); }

int posix_memalign(void **block_out, size_t alignment, size_t size) {
  *block_out = make(alignment, size);
  return *block_out == NULL ? ENOMEM : 0;
}

size_t malloc_usable_size(void *block) { return block == NULL ? 0 : head_of(block)->size; }
