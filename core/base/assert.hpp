// Checks of what only a defect of ours can break. They end the process in test builds and are absent elsewhere: a
// library must not abort its host.
#pragma once

#if defined(OCTO_ASSERTIONS)
#include <cstdio>
#include <cstdlib>
#define OCTO_ASSERT(condition)                                                               \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
#else
#define OCTO_ASSERT(condition) static_cast<void>(sizeof(!(condition)))
#endif
