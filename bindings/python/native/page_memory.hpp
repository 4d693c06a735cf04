// Keeps malloc from giving the memory of one page of bodies back to the system only to ask for it again for the next.
//
// glibc returns the top of the heap whenever more than 128 KiB are free there, which happens each time a page of 1 MiB is
// dropped; taking it back costs a page fault for every 4 KiB, more than all the rest of a fetch. It learns better from
// the largest block that it mapped and that was freed: up to twice that size stays (mallopt(3), M_MMAP_THRESHOLD). So it is
// shown one of a page's size, as most programs do at some time by themselves. Setting M_TRIM_THRESHOLD instead would
// overrule what the host has set.
#pragma once

#include <cstddef>

namespace octo_python {

// Under the interpreter's lock.
void expect_pages_of(size_t body_bytes);

}  // namespace octo_python
