/* What the bytes of a pattern object are: a function of its name and the offset alone, so that a test can check a body, or any
 * part of one, without having seen it before. Plain C99, so that C tests include it as well. */
#ifndef OCTO_ORIGIN_PATTERN_H
#define OCTO_ORIGIN_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits, over the object's name: the percent-decoded request path without its first slash and without the query. */
static inline uint64_t octo_pattern_seed(const void *name, size_t name_size) {
  const unsigned char *bytes = (const unsigned char *)name;
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < name_size; ++i) {
    hash ^= bytes[i];
    hash *= UINT64_C(0x100000001B3);
  }
  return hash;
}

/* splitmix64: block number `index` is octo_pattern_block(seed + index). */
static inline uint64_t octo_pattern_block(uint64_t x) {
  uint64_t z = x + UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static inline unsigned char octo_pattern_byte(uint64_t seed, uint64_t offset) {
  return (unsigned char)(octo_pattern_block(seed + offset / 8) >> (8 * (offset % 8)));
}

/* Writes the bytes [offset, offset + size) of the object. */
static inline void octo_pattern_fill(uint64_t seed, uint64_t offset, void *out, size_t size) {
  unsigned char *bytes = (unsigned char *)out;
  size_t done = 0;
  while (done < size && (offset + done) % 8 != 0) {
    bytes[done] = octo_pattern_byte(seed, offset + done);
    ++done;
  }
  for (; done + 8 <= size; done += 8) {
    uint64_t block = octo_pattern_block(seed + (offset + done) / 8);
    /* Eight stores that compilers turn into one where the machine is little-endian. */
    bytes[done] = (unsigned char)block;
    bytes[done + 1] = (unsigned char)(block >> 8);
    bytes[done + 2] = (unsigned char)(block >> 16);
    bytes[done + 3] = (unsigned char)(block >> 24);
    bytes[done + 4] = (unsigned char)(block >> 32);
    bytes[done + 5] = (unsigned char)(block >> 40);
    bytes[done + 6] = (unsigned char)(block >> 48);
    bytes[done + 7] = (unsigned char)(block >> 56);
  }
  for (; done < size; ++done) bytes[done] = octo_pattern_byte(seed, offset + done);
}

/* 1 when the bytes are the object's bytes [offset, offset + size). */
static inline int octo_pattern_is_equal(uint64_t seed, uint64_t offset, const void *data, size_t size) {
  const unsigned char *bytes = (const unsigned char *)data;
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != octo_pattern_byte(seed, offset + i)) return 0;
  }
  return 1;
}

#endif
